/** A tool as one compact typed line: what a correct call needs, within the room that a search answer has for it. */
import { estimateTokens } from '../../observe/tokens.ts'
import { objectOf, type Tool, textOf } from '../tool.ts'
import { firstLine } from './first-line.ts'
import { flatten, openScope, type Schema, type Scope } from './flatten.ts'
import {
  alternatives,
  type Detail,
  hasConditions,
  type Parameter,
  parameterName,
  parameters,
  parameterText,
  typeText,
} from './type-text.ts'

/** In tokens, estimated: eight signatures of this size and the words around them stay below 1,500. */
const ROOM = 150
/** How much of the room the description may take. */
const DESCRIPTION_ROOM = 45

/** From the best that can be told to the least; the first at which the required parameters fit is taken. */
const DETAILS: readonly Detail[] = [
  { levels: 3, choices: 10, members: 12 },
  { levels: 2, choices: 8, members: 6 },
  { levels: 2, choices: 4, members: 2 },
  { levels: 1, choices: 3, members: 1 },
  { levels: 0, choices: 2, members: 0 },
]
const LEAST = DETAILS.at(-1) as Detail

/**
 * `name(needed: type, may_be_left_out?: type = default) — What it does.`
 * Parameters come in the server's order, the required ones first; `…` and `…+3` stand for what did not fit.
 */
export function signature(tool: Tool, room = ROOM): string {
  const description = firstLine(textOf(tool.description) || textOf(tool.title), Math.min(DESCRIPTION_ROOM, room / 3))
  const left = room - estimateTokens(tool.name) - estimateTokens(description) - 4
  const text = `${tool.name}(${parameterList(tool.inputSchema, left)})`
  return description === '' ? text : `${text} — ${description}`
}

function parameterList(inputSchema: unknown, room: number): string {
  const schema = flatten(objectOf(inputSchema), openScope(inputSchema))
  const all = parameters(schema)
  const needed = all.filter((parameter) => parameter.required)
  const detail = DETAILS.find((one) => estimateTokens(requiredTexts(inputSchema, needed, one).join(', ')) <= room) ?? LEAST
  const texts = fitting(requiredTexts(inputSchema, needed, detail), room)
  const optional = all.filter((parameter) => !parameter.required)
  return [...texts, ...optionalTexts(optional, detail, openScope(inputSchema), room - estimateTokens(texts.join(', ')))].join(
    ', ',
  )
}

/** The required parameters, and what else a call must fulfil. */
function requiredTexts(inputSchema: unknown, needed: readonly Parameter[], detail: Detail): string[] {
  const scope = openScope(inputSchema)
  const schema = flatten(objectOf(inputSchema), scope)
  const texts = needed.map((parameter) => parameterText(parameter, detail, scope))
  const choice = choiceText(schema, detail, scope)
  if (choice !== undefined) texts.push(choice)
  if (hasConditions(schema)) texts.push('…')
  return texts
}

/** What one of several alternatives must give beside the parameters. */
function choiceText(schema: Schema, detail: Detail, scope: Scope): string | undefined {
  const list = alternatives(schema)?.map(objectOf)
  if (!list) return undefined
  const names = list.map(({ required, ...rest }) => (Array.isArray(required) && Object.keys(rest).length === 0 ? required : []))
  if (names.every((some) => some.length > 0)) return `needs ${names.map((some) => some.join('+')).join('|')}`
  const { properties: _properties, required: _required, ...choice } = schema
  return `and ${typeText(choice, detail, scope)}`
}

/** As many texts as there is room for, and how many are left out. */
function fitting(texts: readonly string[], room: number): string[] {
  if (estimateTokens(texts.join(', ')) <= room) return [...texts]
  const shown: string[] = []
  let used = 0
  for (const text of texts) {
    used += estimateTokens(text) + 1
    if (used > room) break
    shown.push(text)
  }
  return [...shown, `…+${texts.length - shown.length} required`]
}

/** Each with its type while there is room, then by its name alone, then as a number. */
function optionalTexts(optional: readonly Parameter[], detail: Detail, scope: Scope, room: number): string[] {
  const texts: string[] = []
  let left = room
  for (const [at, parameter] of optional.entries()) {
    const full = parameterText(parameter, detail, scope)
    const bare = parameterName(parameter)
    const rest = 4
    const text = [full, bare].find((one) => estimateTokens(one) + 1 + rest <= left)
    if (text === undefined) return [...texts, `…+${optional.length - at}`]
    left -= estimateTokens(text) + 1
    texts.push(text)
  }
  return texts
}
