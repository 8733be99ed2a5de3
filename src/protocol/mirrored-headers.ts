/** HTTP headers that repeat parts of a stateless request's body, for those who look only at headers (SEP-2243; Transports, Streamable HTTP). */
import { membersOf } from './members.ts'
import type { Json, JsonObject, Message } from './message.ts'

/** A parameter of a tool that its server wants to see in a header of its own (`x-mcp-header` in `inputSchema`). */
export interface ParamHeader {
  /** The whole name of the header, in lower case. */
  readonly header: string
  /** The properties that lead to the value below `arguments`. */
  readonly path: readonly string[]
  readonly type: 'string' | 'integer' | 'boolean'
}

const ENCODED = /^=\?base64\?(.*)\?=$/
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/
/** What may stand in a header as it is. */
const PLAIN = /^[\x20-\x7e\t]*$/

/** The text as the value of a header. */
export function encodeHeader(text: string): string {
  const plain = PLAIN.test(text) && text === text.trim() && !ENCODED.test(text)
  return plain ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`
}

/** The text that the value of a header says; undefined where it is encoded in any other than the one canonical way. */
export function decodeHeader(value: string): string | undefined {
  const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, '')
  const encoded = ENCODED.exec(trimmed)?.[1]
  if (encoded === undefined) return PLAIN.test(trimmed) ? trimmed : undefined
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) return undefined
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined
}

/** By method: the parameter that `Mcp-Name` repeats. */
const NAMES: Record<string, 'name' | 'uri' | 'taskId'> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}

/** What `Mcp-Name` must say for a request; undefined where the method has no such header. */
export function nameHeaderOf(message: Message): string | undefined {
  const member = Object.hasOwn(NAMES, message.method) ? NAMES[message.method] : undefined
  if (member === undefined) return undefined
  if (member === 'name') return message.name
  if (member === 'uri') return message.uri
  const { taskId } = message.params
  return typeof taskId === 'string' ? taskId : ''
}

/** Whether requests of this method carry `Mcp-Name`. */
export function hasNameHeader(method: string): boolean {
  return Object.hasOwn(NAMES, method)
}

/**
 * The parameters that a tool wants mirrored, by its `inputSchema`. Throws an `Error` that says what is wrong where the annotations
 * are not what the specification allows: such a tool must not be offered over HTTP.
 */
export function paramHeaders(inputSchema: unknown): ParamHeader[] {
  const found: ParamHeader[] = []
  const names = new Set<string>()
  const visit = (schema: unknown, path: readonly string[], reachable: boolean): void => {
    if (typeof schema !== 'object' || schema === null) return
    if (Array.isArray(schema)) {
      for (const one of schema) visit(one, path, false)
      return
    }
    const { 'x-mcp-header': name, type } = schema as JsonObject
    if (name !== undefined) {
      if (path.length === 0 || !reachable) throw new Error('x-mcp-header stands where no chain of properties leads')
      if (typeof name !== 'string' || !TOKEN.test(name))
        throw new Error(`x-mcp-header is no header name: ${JSON.stringify(name)}`)
      if (type !== 'string' && type !== 'integer' && type !== 'boolean')
        throw new Error(`x-mcp-header ${name} stands at a ${JSON.stringify(type)}, not at a string, integer or boolean`)
      const header = `mcp-param-${name.toLowerCase()}`
      if (names.has(header)) throw new Error(`x-mcp-header ${name} stands twice`)
      names.add(header)
      found.push({ header, path, type })
    }
    for (const [key, value] of Object.entries(schema as JsonObject)) {
      if (key === 'properties' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
        for (const [property, below] of Object.entries(value)) visit(below, [...path, property], reachable)
      } else if (key !== 'default' && key !== 'const' && key !== 'enum' && key !== 'examples') visit(value, path, false)
    }
  }
  visit(inputSchema, [], true)
  return found
}

/** The value of a mirrored parameter as its header says it; undefined where it is absent or null. */
export function paramValue({ path }: ParamHeader, args: Json | undefined): string | undefined {
  let value: Json | undefined = args
  for (const step of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step)) return undefined
    value = value[step]
  }
  if (value === undefined || value === null || typeof value === 'object') return undefined
  return String(value)
}

/** Whether a definition of a tool mentions such annotations at all. */
export function mentionsParamHeaders(definition: Buffer): boolean {
  return definition.includes('x-mcp-header') && membersOf(definition, 0).some(({ key }) => key === 'inputSchema')
}
