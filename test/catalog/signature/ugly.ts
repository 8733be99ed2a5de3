/** Schemas as servers really send them, and as nobody should: what a signature must survive and tell the truth about. */

const parameter = (schema: unknown): object => ({ type: 'object', properties: { x: schema }, required: ['x'] })

const LADDER = Object.fromEntries(
  Array.from({ length: 30 }, (_, step) => [
    `s${step}`,
    {
      type: 'object',
      properties: { a: { $ref: `#/$defs/s${step + 1}` }, b: { $ref: `#/$defs/s${step + 1}` } },
      required: ['a', 'b'],
    },
  ]),
)

/** By what is ugly about it. */
export const UGLY: Record<string, unknown> = {
  'no schema': undefined,
  'a schema that is a text': 'object',
  'a schema that is a list': [],
  'a schema that is null': null,
  'an empty schema': {},
  'no type at the root': { properties: { a: { type: 'string' } }, required: ['a'] },
  'properties that are no object': { type: 'object', properties: ['a', 'b'] },
  'required that is no list': { type: 'object', properties: { a: { type: 'string' } }, required: true },
  'required that is not declared': { type: 'object', properties: {}, required: ['ghost', 7] },
  'a parameter without a type': parameter({ description: 'anything' }),
  'a parameter that is true': parameter(true),
  'a parameter that is false': parameter(false),
  'a type that is implied': {
    properties: {
      o: { properties: { a: {} } },
      l: { items: { type: 'string' } },
      s: { maxLength: 3 },
      n: { minimum: 0 },
      m: { additionalProperties: { type: 'number' } },
    },
  },
  'several types': parameter({ type: ['string', 'integer', 'null'] }),
  'a type nobody knows': parameter({ type: 'file' }),
  'nullable of OpenAPI': parameter({ type: 'string', nullable: true }),
  'an optional that may be null': { properties: { x: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null } } },
  'a constant': parameter({ const: 'only this' }),
  'an enum of several kinds': parameter({ enum: ['a', 1, null, true] }),
  'an enum of a hundred': parameter({ enum: Array.from({ length: 100 }, (_, at) => `value_${at}`) }),
  'an enum with long texts': parameter({ enum: ['x'.repeat(200), 'y'] }),
  'a reference to a definition': { ...parameter({ $ref: '#/$defs/Point' }), $defs: { Point: parameter({ type: 'number' }) } },
  'a reference of the older drafts': {
    ...parameter({ $ref: '#/definitions/P' }),
    definitions: { P: { type: 'string', enum: ['n', 's'] } },
  },
  'a reference with words beside it': { ...parameter({ $ref: '#/$defs/P', default: 3 }), $defs: { P: { type: 'integer' } } },
  'a reference to nowhere': parameter({ $ref: '#/$defs/Missing' }),
  'a reference to another document': parameter({ $ref: 'https://example.com/schema.json#/a' }),
  'a reference with escapes': { ...parameter({ $ref: '#/$defs/a~1b%20c' }), $defs: { 'a/b c': { type: 'boolean' } } },
  'a reference to itself': { ...parameter({ $ref: '#/$defs/Loop' }), $defs: { Loop: { $ref: '#/$defs/Loop' } } },
  'a root that is a reference': { $ref: '#/$defs/Args', $defs: { Args: parameter({ type: 'string' }) } },
  'a tree': {
    ...parameter({ $ref: '#/$defs/Node' }),
    $defs: {
      Node: {
        type: 'object',
        properties: { name: { type: 'string' }, kids: { type: 'array', items: { $ref: '#/$defs/Node' } } },
      },
    },
  },
  'a list of lists without end': {
    ...parameter({ $ref: '#/$defs/L' }),
    $defs: { L: { type: 'array', items: { $ref: '#/$defs/L' } } },
  },
  'a root inside itself': { type: 'object', properties: { again: { $ref: '#' }, and: { type: 'string' } } },
  'references that multiply': { ...parameter({ $ref: '#/$defs/s0' }), $defs: { ...LADDER, s30: { type: 'string' } } },
  'allOf of two objects': parameter({ allOf: [parameter({ type: 'string' }), { properties: { y: { type: 'number' } } }] }),
  'allOf of a reference and a default': {
    ...parameter({ allOf: [{ $ref: '#/$defs/M' }], default: 'a' }),
    $defs: { M: { enum: ['a', 'b'] } },
  },
  'allOf at the root': { allOf: [parameter({ type: 'string' }), { properties: { y: { type: 'number' } }, required: ['y'] }] },
  'anyOf at the root': {
    type: 'object',
    anyOf: [parameter({ type: 'string' }), { properties: { y: { type: 'number' } }, required: ['y'] }],
  },
  'anyOf beside properties at the root': {
    type: 'object',
    properties: { id: { type: 'string' }, name: { type: 'string' } },
    anyOf: [{ required: ['id'] }, { required: ['name'] }],
  },
  'oneOf with a mark': parameter({
    oneOf: [
      { type: 'object', properties: { kind: { const: 'circle' }, r: { type: 'number' } }, required: ['kind', 'r'] },
      {
        type: 'object',
        properties: { kind: { const: 'box' }, w: { type: 'number' }, h: { type: 'number' } },
        required: ['kind', 'w', 'h'],
      },
    ],
  }),
  'anyOf that allows everything': parameter({ anyOf: [{ type: 'string' }, {}] }),
  'anyOf in a list': parameter({ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } }),
  'an empty anyOf': parameter({ type: 'string', anyOf: [] }),
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  'if and then': { ...parameter({ type: 'string' }), if: { properties: { x: { const: 'a' } } }, then: { required: ['y'] } },
  'a pair': parameter({ type: 'array', prefixItems: [{ type: 'number' }, { type: 'string' }] }),
  'a pair of the older drafts': parameter({ type: 'array', items: [{ type: 'number' }, { type: 'number' }] }),
  'a list of anything': parameter({ type: 'array' }),
  'a map': parameter({ type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } }),
  'a map by pattern': parameter({ type: 'object', patternProperties: { '^x-': { type: 'string' } } }),
  ranges: {
    properties: {
      a: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
      b: { type: 'number', exclusiveMinimum: 0 },
      c: { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 },
      d: { type: 'array', items: { type: 'integer', minimum: 0 } },
    },
  },
  'formats and patterns': {
    properties: {
      day: { type: 'string', format: 'date' },
      color: { type: 'string', pattern: '^#[0-9a-f]{6}$' },
      long: { type: 'string', pattern: `^${'[a-z]'.repeat(40)}$` },
    },
  },
  'defaults of every kind': {
    properties: {
      t: { type: 'string', default: 'it says "hi"' },
      o: { type: 'object', default: { a: [1, 2, 3] } },
      l: { default: Array.from({ length: 50 }, (_, at) => at) },
      f: { type: 'boolean', default: false },
    },
  },
  'names that are no words': {
    properties: { 'with space': {}, 'new\nline': {}, '': {}, ключ: {}, 'x-header': {}, ['long'.repeat(50)]: {}, '"quoted"': {} },
  },
  'a parameter named __proto__': JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"]}',
  ),
  'four levels of objects': parameter(parameter(parameter(parameter(parameter({ type: 'string' }))))),
  'a hundred required': {
    properties: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`parameter_${at}`, { type: 'string' }])),
    required: Array.from({ length: 100 }, (_, at) => `parameter_${at}`),
  },
  'a hundred optional': {
    properties: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`parameter_${at}`, { type: 'string' }])),
  },
  'one needed after ninety': {
    properties: Object.fromEntries(Array.from({ length: 91 }, (_, at) => [`parameter_${at}`, { type: 'string' }])),
    required: ['parameter_90'],
  },
}
