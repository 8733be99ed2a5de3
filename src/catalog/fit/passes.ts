/** The list of everything that is done to a schema for clients that need it, in the order in which it is done, with the reasons. */
import { anyOfOnly, fewerChoices, merged } from './choices.ts'
import { inlineRefs } from './inline-refs.ts'
import {
  knownFormats,
  knownRequired,
  listedItems,
  listedProperties,
  plainPatterns,
  textEnums,
  withoutAbout,
  withoutClosing,
  withoutConditions,
} from './keywords.ts'
import { typesOf } from './merge.ts'
import { oneObject } from './one-object.ts'
import { singleTyped, typed, withoutBooleans, withoutConstants } from './types.ts'
import { validSchema } from './valid.ts'
import { isSchema, named, type Schema, texts, withMembers } from './walk.ts'

interface Pass {
  /** What it does, for people: `$ref` is put in its place. */
  readonly does: string
  /** The very same object where there is nothing to do. Never throws, whatever the schema is. `formats` are those that the client knows. */
  readonly run: (root: Schema, formats: readonly string[]) => Schema
}

/** In this order: what mends and unfolds comes first, so that what takes away sees everything. */
export const PASSES = {
  // First, so that the others find what they expect.
  valid: { does: 'what JSON Schema 2020-12 does not allow is mended or left out', run: validSchema },
  // Before all that looks into schemas: it must not miss what stands in a definition.
  refs: { does: '$ref is replaced by what it points at', run: inlineRefs },
  booleans: { does: 'true and false as schemas are spelled out', run: withoutBooleans },
  root: { does: 'anyOf, oneOf and allOf at the root become one object that tells of its alternatives', run: oneObject },
  // After `root`, which knows the type where the parts say it.
  object: { does: 'the root is an object', run: anObject },
  names: { does: 'optional parameters with names that the client refuses are left out', run: withoutOddNames },
  all_of: { does: 'allOf is merged', run: merged },
  one_of: { does: 'oneOf becomes anyOf', run: anyOfOnly },
  // After `all_of` and `one_of`, which leave fewer of them.
  choices: { does: 'alternatives that are no choice are merged: null, a single one, fixed values', run: fewerChoices },
  constants: { does: 'const becomes an enum of one', run: withoutConstants },
  // Before `typed`: what a list gets for its items may need a type.
  items: { does: 'every list says what is in it', run: listedItems },
  typed: { does: 'missing types are added', run: typed },
  types: { does: 'lists of types become one type, or anyOf', run: singleTyped },
  // After `typed`, which reads the type off the values.
  text_enums: { does: 'enums of other values than texts are told in the description', run: textEnums },
  formats: {
    does: 'formats that the client does not know are told in the description',
    run: knownFormats,
  },
  patterns: { does: 'patterns that need backtracking or are not anchored are told in the description', run: plainPatterns },
  conditions: { does: 'not, if, dependent… and other conditions are left out', run: withoutConditions },
  about: { does: '$schema, $id and $comment are left out', run: withoutAbout },
  closing: {
    does: 'additionalProperties is left out; what the values of a map are is told in the description',
    run: withoutClosing,
  },
  properties: { does: 'every object has properties, if only none', run: listedProperties },
  required: { does: 'required names only parameters that are there', run: knownRequired },
} satisfies Record<string, Pass>

export type PassName = keyof typeof PASSES

export const PASS_NAMES = Object.keys(PASSES) as [PassName, ...PassName[]]

/** What the interface of Anthropic takes as the name of a parameter (https://docs.claude.com/en/api/messages). */
const NAME = /^[a-zA-Z0-9_.-]{1,64}$/

function anObject(root: Schema): Schema {
  return root.type === 'object' ? root : { ...root, type: 'object' }
}

function withoutOddNames(root: Schema): Schema {
  const required = texts(root.required)
  const all = Object.entries(named(root.properties))
  const kept = all.filter(([name]) => NAME.test(name) || required.includes(name))
  return kept.length === all.length ? root : withMembers(root, { properties: Object.fromEntries(kept) })
}

function meantTypes(root: Schema): string[] {
  const { type } = root
  return type === undefined || type === 'object' ? [] : typesOf(validSchema({ type }))
}

/** Why a tool is of no use to the client even with the lowered schema; undefined where nothing is in the way. */
export function obstacle(original: unknown, lowered: Schema, passes: readonly PassName[]): string | undefined {
  const types = passes.includes('object') && isSchema(original) ? meantTypes(original) : []
  if (types.length > 0 && !types.includes('object')) {
    return `it takes ${types.join(' or ')} instead of an object of arguments`
  }
  const odd = passes.includes('names') ? texts(lowered.required).find((name) => !NAME.test(name)) : undefined
  return odd === undefined ? undefined : `it needs an argument whose name the client refuses: ${JSON.stringify(odd)}`
}
