/** Writes values as YAML text: as lines of a block, or as one piece between braces. */
import { parse } from 'yaml'

/** What an entry of the config may hold, as plain data. */
export type Value = string | number | boolean | Value[] | { [key: string]: Value | undefined }

/** A list in brackets that would be longer than this stands below its key, one item a line. */
const LINE_LENGTH_MAX = 110
/** What YAML would take for something else than the beginning of a text, at least in some place. */
const INDICATORS = /^(?:[-?:](?:\s|$)|[,[\]{}#&*!|>'"%@`]|---|\.\.\.)/

/** How values are written between braces: as JSON where the neighbours are, else with as few quotes as YAML allows. */
export type FlowStyle = 'json' | 'yaml'

/** `key: value` as the lines of a block map, without the indentation that all of them get. */
export function blockLines(key: string, value: Value, unit: string): string[] {
  const head = `${scalar(key, 'block')}:`
  if (typeof value !== 'object') return [`${head} ${scalar(value, 'block')}`]
  const flow = `${head} ${flowText(value, 'yaml')}`
  const plain = Array.isArray(value) && value.every((item) => typeof item !== 'object')
  if (isEmpty(value) || (plain && flow.length <= LINE_LENGTH_MAX)) return [flow]
  if (Array.isArray(value)) {
    const items = value.map((item) => `- ${typeof item === 'object' ? flowText(item, 'yaml') : scalar(item, 'block')}`)
    return [head, ...items.map((line) => unit + line)]
  }
  return [head, ...members(value).flatMap(([name, inner]) => blockLines(name, inner, unit).map((line) => unit + line))]
}

/** A value in one line, for a place between braces or brackets. */
export function flowText(value: Value, style: FlowStyle): string {
  if (typeof value !== 'object') return style === 'json' ? JSON.stringify(value) : scalar(value, 'flow')
  if (Array.isArray(value)) return `[${value.map((item) => flowText(item, style)).join(', ')}]`
  const pairs = members(value).map(([key, inner]) => flowPair(key, inner, style))
  if (pairs.length === 0) return '{}'
  return style === 'json' ? `{${pairs.join(', ')}}` : `{ ${pairs.join(', ')} }`
}

export function flowPair(key: string, value: Value, style: FlowStyle): string {
  return `${style === 'json' ? JSON.stringify(key) : scalar(key, 'flow')}: ${flowText(value, style)}`
}

/** The same over several lines, as JSON files have it. */
export function jsonLines(key: string, value: Value, unit: string): string[] {
  return `${JSON.stringify(key)}: ${JSON.stringify(value, null, unit)}`.split('\n')
}

/** A value that stands for itself in its place; quoted where YAML would read another one. */
export function scalar(value: string | number | boolean, place: 'block' | 'flow'): string {
  if (typeof value !== 'string') return String(value)
  const bare =
    !INDICATORS.test(value) &&
    !/^\s|\s$|[\0-\x1f\x7f-\x9f\u2028\u2029\uFEFF]|:\s|:$|\s#/.test(value) &&
    !(place === 'flow' && /[,[\]{}]/.test(value))
  return bare && reads(value) ? value : JSON.stringify(value)
}

/** Whether YAML reads the bare text as that text, and not as a number, a fact or nothing. */
function reads(text: string): boolean {
  try {
    return text !== '' && parse(text) === text
  } catch {
    return false
  }
}

function isEmpty(value: Exclude<Value, string | number | boolean>): boolean {
  return Array.isArray(value) ? value.length === 0 : members(value).length === 0
}

function members(value: { [key: string]: Value | undefined }): [string, Value][] {
  return Object.entries(value).filter((entry): entry is [string, Value] => entry[1] !== undefined)
}
