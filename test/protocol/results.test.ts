/** A result in the words of the other era is the same result: what one era adds is put in and taken out of the text alone. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { bodyMembers } from '../../src/protocol/members.ts'
import type { Json, JsonObject, Message } from '../../src/protocol/message.ts'
import { isMalformed, readMessage } from '../../src/protocol/read.ts'
import { resultTypeOf, sessionEdits, statelessEdits } from '../../src/protocol/results.ts'
import { jsonText, objectWith, stringText } from './json-text.ts'

const INFO = 'io.modelcontextprotocol/serverInfo'
const server = { name: 's', version: '1' }
const hint = { ttlMs: 5, cacheScope: 'private' } as const

function reply(result: string): Message {
  const read = readMessage(Buffer.from(`{"jsonrpc":"2.0","id":1,"result":${result}}`))
  if (isMalformed(read)) throw new Error(read.message)
  return read
}

const bodyOf = (from: Message, edits: ReturnType<typeof sessionEdits>): Json =>
  (JSON.parse(Buffer.concat(from.with(...edits)).toString()) as { result: Json }).result

const results = objectWith({
  content: jsonText,
  resultType: fc.constantFrom('"complete"', '"input_required"', '"task"'),
  ttlMs: fc.constantFrom('0', '60000'),
  cacheScope: stringText('public'),
  _meta: fc.oneof(objectWith({ [INFO]: fc.constant('{"name":"own"}'), 'io.example/x': jsonText }), jsonText),
})

function expected(value: JsonObject): JsonObject {
  const meta = value._meta
  const isObject = typeof meta === 'object' && meta !== null && !Array.isArray(meta)
  return {
    resultType: 'complete',
    ...hint,
    ...value,
    ...((meta === undefined || isObject) && { _meta: { [INFO]: server, ...(meta as JsonObject) } }),
  }
}

test('the edits towards the stateless era say what changing the value says', () => {
  fc.assert(
    fc.property(results, (text) => {
      const from = reply(text)
      expect(bodyOf(from, statelessEdits(from, server, hint))).toEqual(expected(from.body))
    }),
  )
})

test('the edits towards the session era take out what only the stateless era has', () => {
  fc.assert(
    fc.property(results, (text) => {
      const from = reply(text)
      const { resultType: _, ttlMs: __, cacheScope: ___, ...wanted } = from.body
      const meta = wanted._meta
      if (typeof meta === 'object' && meta !== null && !Array.isArray(meta)) {
        const { [INFO]: own, ...others } = meta
        if (own !== undefined && Object.keys(others).length === 0) delete wanted._meta
        else wanted._meta = others
      }
      expect(bodyOf(from, sessionEdits(from))).toEqual(wanted)
    }),
  )
})

test('a reply that is edited stands where it would if it were read again', () => {
  fc.assert(
    fc.property(results, fc.boolean(), (text, idLast) => {
      const id = '"id":"x"'
      const bytes = Buffer.from(`{"jsonrpc":"2.0",${idLast ? '' : `${id},`}"result":${text}${idLast ? `,${id}` : ''}}`)
      const from = readMessage(bytes) as Message
      const edited = from.edited(sessionEdits(from))
      const again = readMessage(edited.bytes) as Message
      expect({ ...edited, places: undefined, members: undefined }).toEqual({ ...again, places: undefined, members: undefined })
      expect(bodyMembers(edited)).toEqual(bodyMembers(readMessage(edited.bytes) as Message))
      expect(edited.id).toBe('"x"')
    }),
  )
})

test('a large reply of the stateless era is not copied for a client with a session', () => {
  const text = 'x'.repeat(100_000)
  const said = { resultType: 'complete', content: [{ type: 'text', text }], ttlMs: 5, _meta: { [INFO]: server } }
  for (const result of [
    said,
    { ...said, resultType: undefined, isError: false },
    { content: said.content, resultType: 'complete' },
  ]) {
    const from = reply(JSON.stringify(result))
    const before = from.bytes
    const edited = from.edited(sessionEdits(from))
    expect(edited.bytes).toBe(before)
    const { content, isError } = result as { content: Json; isError?: Json }
    const wanted = { content, ...(isError !== undefined && { isError }) }
    expect(JSON.parse(Buffer.concat(edited.withId('"own"')).toString())).toEqual({ jsonrpc: '2.0', id: 'own', result: wanted })
    expect(edited.body).toEqual(wanted)
  }
})

describe('the type of a result', () => {
  it.each([
    ['{}', 'complete'],
    ['{"resultType":"input_required"}', 'input_required'],
    ['{"content":[{"resultType":"task"}]}', 'complete'],
    ['{"resultType":7}', 'complete'],
    ['[]', 'complete'],
    ['{"result\\u0054ype":"task"}', 'task'],
  ])('of %s is %s', (text, type) => {
    expect(resultTypeOf(reply(text))).toBe(type)
  })
})
