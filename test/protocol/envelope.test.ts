/** What a stateless request says of its client is read, taken off and put on again, and the rest of the request stays. */
import { describe, expect, it } from 'vitest'
import type { Capabilities } from '../../src/protocol/capabilities.ts'
import { capabilities, missingFor } from '../../src/protocol/capabilities.ts'
import { envelopeJson, readEnvelope, withEnvelope, withoutEnvelope } from '../../src/protocol/envelope.ts'
import type { JsonObject, Message } from '../../src/protocol/message.ts'
import { isMalformed, readMessage } from '../../src/protocol/read.ts'

const KEY = 'io.modelcontextprotocol/'

function message(params: string): Message {
  const read = readMessage(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`))
  if (isMalformed(read)) throw new Error(read.message)
  return read
}

const full = `"${KEY}protocolVersion":"2026-07-28","${KEY}clientInfo":{"name":"c"},"${KEY}clientCapabilities":{"roots":{}}`

describe('an envelope', () => {
  it('says who asks, what that one can do, and which logs it wants', () => {
    const envelope = readEnvelope(message(`{"_meta":{${full},"${KEY}logLevel":"info","progressToken":4}}`))
    expect(envelope).toMatchObject({ version: '2026-07-28', info: { name: 'c' }, logLevel: 'info' })
    expect(envelope.capabilities.key).toBe('{"roots":{}}')
  })

  it('is the same one for requests that differ in their progress token only', () => {
    const of = (token: string) => readEnvelope(message(`{"_meta":{"progressToken":${token},${full}}}`))
    expect(of('1')).toBe(of('"x"'))
  })

  it.each([
    [`{"_meta":{"${KEY}protocolVersion":"2026-07-28"}}`, 'invalid_envelope'],
    [`{"_meta":{"${KEY}protocolVersion":null,"${KEY}clientCapabilities":{}}}`, 'invalid_envelope'],
    [`{"_meta":{"${KEY}protocolVersion":"2026-07-28","${KEY}clientCapabilities":[]}}`, 'invalid_envelope'],
    [`{"_meta":{${full},"${KEY}logLevel":"loud"}}`, 'invalid_params'],
  ])('that is wrong is refused: %s', (params, code) => {
    expect(() => readEnvelope(message(params))).toThrow(expect.objectContaining({ code }))
  })

  it.each([
    [`{"_meta":{${full}},"name":"t"}`, '{"_meta":{},"name":"t"}'],
    [`{"name":"t","_meta":{"a":1,${full},"progressToken":9}}`, '{"name":"t","_meta":{"a":1,"progressToken":9}}'],
    [`{"_meta":{ ${full} , "b" : [1, 2] }}`, '{"_meta":{ "b" : [1, 2] }}'],
    ['{"name":"t"}', '{"name":"t"}'],
  ])('is taken off %s', (params, left) => {
    const from = message(params)
    const rest = message(JSON.stringify(from.params)) && Buffer.concat(from.with(...withoutEnvelope(from))).toString()
    expect(rest).toContain(`"params":${left}}`)
  })

  it.each(['{"_meta":{"a":1},"name":"t"}', '{"_meta":{}}', '{"name":"t"}', '{}'])('is put on %s', (params) => {
    const bare = message(params)
    const envelope = readEnvelope(message(`{"_meta":{${full}}}`))
    const put = readMessage(Buffer.concat(bare.with(...withEnvelope(bare, envelopeJson(envelope))))) as Message
    expect(readEnvelope(put)).toMatchObject({ version: envelope.version, info: envelope.info })
    const { _meta = {}, ...others } = put.params as { _meta?: JsonObject }
    expect({ ...others, ...(bare.params._meta && { _meta: bare.params._meta }) }).toMatchObject(bare.params)
    expect(_meta).toMatchObject((bare.params._meta ?? {}) as object)
  })

  it.each(['{"jsonrpc":"2.0","id":1,"method":"tools/list"}', ' {"jsonrpc":"2.0","method":"notifications/tools/list_changed"} '])(
    'is put on %s, which has no params',
    (text) => {
      const bare = readMessage(Buffer.from(text)) as Message
      const put = readMessage(Buffer.concat(bare.with(...withEnvelope(bare, '"a":1')))) as Message
      expect(put.params).toEqual({ _meta: { a: 1 } })
    },
  )
})

describe('what a question needs and the client does not have', () => {
  const needs = (able: object, method: string, params: JsonObject = {}) =>
    missingFor(capabilities(able) as Capabilities, { method, params })

  it.each([
    [{}, 'roots/list', {}, { roots: {} }],
    [{ roots: {} }, 'roots/list', {}, undefined],
    [{}, 'sampling/createMessage', {}, { sampling: {} }],
    [{ sampling: {} }, 'sampling/createMessage', {}, undefined],
    [{ sampling: {} }, 'sampling/createMessage', { tools: [] }, { sampling: { tools: {} } }],
    [{ elicitation: {} }, 'elicitation/create', {}, undefined],
    [{ elicitation: {} }, 'elicitation/create', { mode: 'url' }, { elicitation: { url: {} } }],
    [{ elicitation: { url: {} } }, 'elicitation/create', {}, { elicitation: { form: {} } }],
    [{ elicitation: { url: {}, form: {} } }, 'elicitation/create', { mode: 'form' }, undefined],
    [{}, 'made/up', {}, undefined],
  ])('%j asked %s %j lacks %j', (able, method, params, missing) => {
    expect(needs(able, method, params as JsonObject)).toEqual(missing)
  })
})
