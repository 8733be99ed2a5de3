/** What stands in headers says to the letter what stands in the body, whatever that is. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Message } from '../../src/protocol/message.ts'
import {
  decodeHeader,
  encodeHeader,
  hasNameHeader,
  mentionsParamHeaders,
  nameHeaderOf,
  paramHeaders,
  paramValue,
} from '../../src/protocol/mirrored-headers.ts'
import { isMalformed, readMessage } from '../../src/protocol/read.ts'

const VISIBLE = /^[\x20-\x7e\t]*$/

/** Texts that UTF-8 can say, among them some that look like ours. */
const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary-ascii' }),
  fc.constantFrom('=?base64?eA==?=', ' padded ', '', '\t', '=?base64??=', 'a\r\nb: c', 'größe'),
)

function request(method: string, params: object): Message {
  const message = readMessage(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })))
  if (isMalformed(message)) throw new Error(message.message)
  return message
}

describe('a text in a header', () => {
  it('is the same text when it is read', () => {
    fc.assert(fc.property(texts, (text) => decodeHeader(encodeHeader(text)) === text))
  })

  it('is one line of visible characters, with nothing around it that a proxy may strip', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const header = encodeHeader(text)
        return VISIBLE.test(header) && header === header.trim()
      }),
    )
  })

  it('is written as it is wherever that can be read as nothing else', () => {
    const plain = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/).filter((text) => !text.startsWith('=?'))
    fc.assert(fc.property(plain, (text) => encodeHeader(text) === text))
  })

  it.each([
    ['not base64', '=?base64?ä?='],
    ['base64 with bits left over', '=?base64?eB==?='],
    ['base64 without its padding', '=?base64?eA?='],
    ['bytes that are no UTF-8', '=?base64?/w==?='],
    ['a character that a header cannot have', 'größe'],
  ])('is refused where it is %s', (_what, header) => {
    expect(decodeHeader(header)).toBeUndefined()
  })

  it('may stand between spaces and tabs', () => {
    expect(decodeHeader(' \t x y\t')).toBe('x y')
  })
})

describe('the name of a request', () => {
  test.each([
    ['tools/call', { name: 'a' }, 'a'],
    ['prompts/get', { name: 'b' }, 'b'],
    ['resources/read', { uri: 'x://c' }, 'x://c'],
    ['tasks/get', { taskId: 'd' }, 'd'],
    ['tasks/get', {}, ''],
    ['tools/list', { name: 'e' }, undefined],
    ['constructor', { name: 'f' }, undefined],
  ])('of %s with %j is %j', (method, params, name) => {
    expect(nameHeaderOf(request(method, params))).toBe(name)
    expect(hasNameHeader(method)).toBe(name !== undefined)
  })
})

describe('the annotations of a tool', () => {
  const schema = (properties: object) => ({ type: 'object', properties })
  const at = (name: unknown, type = 'string') => ({ type, 'x-mcp-header': name })

  it('are found along chains of properties', () => {
    const found = paramHeaders(schema({ a: at('Region'), b: schema({ c: at('Deep', 'integer') }), d: { type: 'string' } }))
    expect(found).toEqual([
      { header: 'mcp-param-region', path: ['a'], type: 'string' },
      { header: 'mcp-param-deep', path: ['b', 'c'], type: 'integer' },
    ])
  })

  it.each<[string, object]>([
    ['a number', schema({ a: at('A', 'number') })],
    ['an object', schema({ a: at('A', 'object') })],
    ['the items of a list', schema({ a: { type: 'array', items: at('A') } })],
    ['an alternative', schema({ a: { anyOf: [at('A')] } })],
    ['a definition', { ...schema({}), $defs: { a: at('A') } }],
    ['the whole', at('A')],
    ['two places, but for case', schema({ a: at('A'), b: at('a') })],
    ['a name with a space', schema({ a: at('A B') })],
    ['an empty name', schema({ a: at('') })],
    ['a name that is no text', schema({ a: at(1) })],
  ])('are refused at %s', (_what, inputSchema) => {
    expect(() => paramHeaders(inputSchema)).toThrow(/x-mcp-header/)
  })

  it('that are only values of something else are none', () => {
    expect(paramHeaders(schema({ a: { type: 'object', default: { 'x-mcp-header': 'A' } } }))).toEqual([])
    expect(mentionsParamHeaders(Buffer.from('{"name":"a","description":"x-mcp-header"}'))).toBe(false)
  })

  it('of properties that are named like parts of every object are read like any other', () => {
    const inputSchema = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string","x-mcp-header":"A"}}}') as object
    const [header] = paramHeaders(inputSchema)
    expect(header && paramValue(header, JSON.parse('{"__proto__":"x"}'))).toBe('x')
    expect(header && paramValue(header, {})).toBeUndefined()
  })
})

test.each([
  ['text', 'text'],
  [7, '7'],
  [false, 'false'],
  ['', ''],
  [null, undefined],
  [[1], undefined],
])('the argument %j is %j in a header', (value, header) => {
  const [param] = paramHeaders({ type: 'object', properties: { a: { type: 'string', 'x-mcp-header': 'A' } } })
  expect(param && paramValue(param, { a: value })).toBe(header)
})
