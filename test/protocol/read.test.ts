/** A message means to us what it means to whoever reads it next: the fast path, the rewriting and JSON.parse tell the same. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Edit, Json, JsonObject, Malformed, Message } from '../../src/protocol/message.ts'
import {
  errorReply,
  isMalformed,
  notification,
  readBatch,
  readMessage,
  request,
  result,
  resultOf,
} from '../../src/protocol/read.ts'
import { eachMember, readString, skipValue } from '../../src/protocol/scan.ts'
import { anyStringText, jsonText, objectText, objectWith, scalarText, stringText, type Text } from './json-text.ts'

const read = (text: string): Message => {
  const message = readMessage(Buffer.from(text))
  if (isMalformed(message)) throw new Error(`${message.message}: ${text}`)
  return message
}
const complaint = (text: string): Malformed => readMessage(Buffer.from(text)) as Malformed
const joined = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString()

const params = objectWith({
  name: fc.oneof(anyStringText, jsonText),
  uri: anyStringText,
  requestId: scalarText,
  progressToken: scalarText,
  arguments: jsonText,
  _meta: fc.oneof(objectWith({ progressToken: scalarText, 'io.example/trace': jsonText }), jsonText),
})
const jsonrpc = fc.oneof(stringText('2.0'), fc.constant('"2.0"'), fc.constantFrom('"1.0"', '2.0', 'null'))
const id = fc.oneof(
  fc.integer().map(String),
  anyStringText,
  fc.constantFrom('null', '1.5', '{}', 'true', '-1', '9007199254740993'),
)
const envelope = objectWith({
  jsonrpc,
  id,
  method: fc.oneof(stringText('tools/call'), anyStringText),
  params: fc.oneof(params, jsonText),
  result: jsonText,
  error: fc.oneof(objectWith({ code: fc.constant('-32000'), message: anyStringText }), jsonText),
})
/** Messages that are right, so that most runs get past the gate. */
const call = fc
  .tuple(fc.constant('"2.0"'), fc.oneof(fc.nat().map(String), anyStringText), stringText('tools/call'), params, fc.nat(9))
  .chain(([version, callId, method, given, turn]) => {
    const members: [Text, Text][] = [
      ['"jsonrpc"', version],
      ['"id"', callId],
      ['"method"', method],
      ['"params"', given],
      ['"more"', '[1, 2]'],
    ]
    return objectText(fc.constant([...members.slice(turn % 5), ...members.slice(0, turn % 5)]))
  })

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What JSON-RPC 2.0 says of a value: the kind of message it is, undefined for none. */
function kindOf(value: unknown): string | undefined {
  if (!isObject(value) || value.jsonrpc !== '2.0') return undefined
  const has = (key: string): boolean => Object.hasOwn(value, key)
  const named = typeof value.id === 'string' || (typeof value.id === 'number' && Number.isFinite(value.id))
  if (has('params') && !isObject(value.params)) return undefined
  if (has('method')) {
    const wrong = typeof value.method !== 'string' || has('result') || has('error')
    return wrong || (has('id') && !named) ? undefined : has('id') ? 'request' : 'notification'
  }
  if (has('result') === has('error') || (has('error') && !isObject(value.error))) return undefined
  if (has('result')) return named ? 'result' : undefined
  return named || value.id === null ? 'error' : undefined
}

/** Fails where a reader that takes the first of two equal names, or the last, would see another value than we do. */
function expectSaidOnce(bytes: Buffer, start: number, names: readonly string[]): void {
  const seen: string[] = []
  eachMember(bytes, start, (keyStart, keyEnd, at) => {
    seen.push(readString(bytes, keyStart, keyEnd))
    return skipValue(bytes, at)
  })
  for (const name of names) expect(seen.filter((one) => one === name).length).toBeLessThanOrEqual(1)
}

describe('reading', () => {
  test('a text is a message exactly when JSON-RPC says so, and of the kind it says', () => {
    fc.assert(
      fc.property(fc.oneof(envelope, call, jsonText), (text) => {
        const message = readMessage(Buffer.from(text))
        expect(isMalformed(message) ? undefined : message.kind).toBe(kindOf(JSON.parse(text)))
      }),
      { numRuns: 1_000 },
    )
  })

  test('id, method, name, uri and params are those that JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.oneof(call, envelope), (text) => {
        const message = readMessage(Buffer.from(text))
        if (isMalformed(message)) return
        const value = JSON.parse(text) as JsonObject
        const given = (value.params ?? {}) as JsonObject
        const said = (one: Json | undefined): string => (typeof one === 'string' ? one : '')
        expect(message.id === '' ? undefined : JSON.parse(message.id)).toEqual(value.id)
        expect(message.method).toBe(said(value.method))
        expect(message.name).toBe(said(given.name))
        expect(message.uri).toBe(said(given.uri))
        expect(JSON.stringify(message.params)).toBe(JSON.stringify(given))
        expect(message.tokenStart >= 0).toBe(isObject(given._meta) && Object.hasOwn(given._meta, 'progressToken'))
      }),
      { numRuns: 1_000 },
    )
  })

  test('no name that we route by stands twice in what is sent on, however it is spelled', () => {
    fc.assert(
      fc.property(fc.oneof(call, envelope), (text) => {
        const message = readMessage(Buffer.from(text))
        if (isMalformed(message)) return
        expectSaidOnce(message.bytes, 0, ['jsonrpc', 'id', 'method', 'params', 'result', 'error'])
        if (message.paramsStart < 0) return
        expectSaidOnce(message.bytes, message.paramsStart, ['name', 'uri', '_meta', 'requestId', 'progressToken'])
      }),
      { numRuns: 1_000 },
    )
  })

  test.each([
    ['the name twice', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","name":"evil"}}'],
    ['an escaped name behind', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","n\\u0061me":"evil"}}'],
    ['an escaped name before', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"\\u006eame":"safe","name":"evil"}}'],
    ['the params twice', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe"},"params":{"name":"evil"}}'],
    [
      'the params escaped',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe"},"\\u0070arams":{"name":"evil"}}',
    ],
  ])('%s: the last counts for us, and the server sees no other', (_what, text) => {
    const message = read(text)
    expect(message.name).toBe('evil')
    expect(message.bytes.toString()).not.toContain('safe')
  })

  test('an escaped key that is none of ours is left alone', () => {
    const text =
      '{"jsonrpc":"2.0","id":1,"method":"m","params":{"a\\"b":1,"c\\\\d":2,"_meta":{"e\\nf":12345678901234567890}},"\\u0078":0}'
    expect(read(text).bytes.toString()).toBe(text)
  })

  test('white space around a message goes, white space in it stays', () => {
    expect(read(' \n{ "jsonrpc":"2.0", "method":"m" }\r').bytes.toString()).toBe('{ "jsonrpc":"2.0", "method":"m" }')
  })

  test('a byte order mark before a message is no part of it, and a second one is no message', () => {
    expect(read('\ufeff{"jsonrpc":"2.0","id":1,"result":{"n":1.0}}').bytes.toString()).toBe(
      '{"jsonrpc":"2.0","id":1,"result":{"n":1.0}}',
    )
    expect(complaint('\ufeff\ufeff{"jsonrpc":"2.0","id":1,"result":{}}').code).toBe(-32700)
  })

  test('the type of an id is kept: 1 is not "1"', () => {
    const text = (own: string): string => `{"jsonrpc":"2.0","id":${own},"result":{}}`
    expect([read(text('1')).id, read(text('"1"')).id]).toEqual(['1', '"1"'])
    expect([read(text('1')).idNumber, read(text('"1"')).idNumber, read(text('1.0')).idNumber]).toEqual([1, Number.NaN, 1])
  })

  test('arbitrary bytes never throw, and what is no message says why', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const message = readMessage(Buffer.from(bytes))
        expect(isMalformed(message) && [-32700, -32600].includes(message.code)).toBe(true)
        expect(() => readBatch(Buffer.from(bytes))).not.toThrow()
      }),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => readMessage(Buffer.from(text))).not.toThrow()
      }),
    )
  })

  test('nesting beyond all measure is refused and costs no stack', () => {
    const deep = `{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":${'['.repeat(300_000)}${']'.repeat(300_000)}}}`
    expect(complaint(deep).code).toBe(-32600)
    expect(complaint(`{"jsonrpc":"2.0","id":1,"params":${'{"a":'.repeat(300_000)}`).code).toBe(-32700)
  })

  test.each([
    ['', -32700, 'null'],
    ['{', -32700, 'null'],
    ['[1]', -32600, 'null'],
    ['null', -32600, 'null'],
    ['{}', -32600, 'null'],
    ['{"jsonrpc":"2.0"}', -32600, 'null'],
    ['{"jsonrpc":"1.0","id":7,"method":"ping"}', -32600, '7'],
    ['{"jsonrpc":"2.0","id":"a","method":1}', -32600, '"a"'],
    ['{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, 'null'],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, 'null'],
    ['{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}', -32600, '7'],
    ['{"jsonrpc":"2.0","id":7,"result":{},"error":{}}', -32600, '7'],
    ['{"jsonrpc":"2.0","id":7,"error":"no"}', -32600, '7'],
    ['{"jsonrpc":"2.0","id":null,"result":{}}', -32600, 'null'],
    ['{"jsonrpc":"2.0","error":{}}', -32600, 'null'],
  ])('%s is refused with the code and id that JSON-RPC wants', (text, code, own) => {
    expect(complaint(text)).toMatchObject({ code, id: own })
    expect(complaint(text).message).not.toBe('')
  })
})

describe('changing', () => {
  /** Every place that a hop may change, with other values. */
  const edits = (message: Message): Edit[] => [
    ...(message.idStart < 0 ? [] : [{ start: message.idStart, end: message.idEnd, json: '77' }]),
    ...(message.nameStart < 0 ? [] : [{ start: message.nameStart, end: message.nameEnd, json: '"näme \\" 日本"' }]),
    ...(message.tokenStart < 0 ? [] : [{ start: message.tokenStart, end: message.tokenEnd, json: '"token"' }]),
  ]

  /** The same by parsing. */
  function changed(message: Message, value: JsonObject): JsonObject {
    if (message.idStart >= 0) value.id = 77
    const given = value.params as JsonObject | undefined
    if (message.nameStart >= 0) (given as JsonObject).name = 'näme " 日本'
    if (message.tokenStart >= 0) (given?._meta as JsonObject).progressToken = 'token'
    return value
  }

  test('splicing equals parsing, whatever the spelling', () => {
    fc.assert(
      fc.property(fc.oneof(call, call, envelope), fc.boolean(), (text, large) => {
        // Large messages are written in pieces instead of being copied.
        const padded = large ? text.replace('{', `{"padding":"${'p'.repeat(33_000)}",`) : text
        const message = readMessage(Buffer.from(padded))
        if (isMalformed(message)) return
        const spliced = JSON.parse(joined(message.with(...edits(message)))) as unknown
        expect(JSON.stringify(spliced)).toBe(JSON.stringify(changed(message, JSON.parse(padded))))
      }),
      { numRuns: 1_500 },
    )
  })

  test('what is not changed stays to the byte: big numbers, spelling, white space, order', () => {
    const text =
      '{ "zz":1.0, "id" : 5,"jsonrpc":"2.0","method":"tools/call","params":{"arguments":{"n":123456789012345678901234567890,"f":1.10,"e":"\\u00e9\\/"},"name":"a" }, "aa":-0 }'
    expect(joined(read(text).withId('"x"'))).toBe(text.replace(': 5', ': "x"'))
  })

  test('makers make what readers read', () => {
    expect(read(joined(request('a', 'm', { x: 1 }).withId('9'))).id).toBe('9')
    expect(read(notification('m').bytes.toString()).kind).toBe('notification')
    expect(read(joined(result({ ok: true }).withId('"1"'))).body).toEqual({ ok: true })
    expect(read(joined(resultOf('[1.0]').withId('3'))).bytes.toString()).toContain('[1.0]')
    expect(read(joined(errorReply(-1, 'no', { why: 1 }).withId('null'))).body).toEqual({
      code: -1,
      message: 'no',
      data: { why: 1 },
    })
  })
})

describe('batches', () => {
  test('an array is a batch of its elements, good and bad', () => {
    const batch = readBatch(Buffer.from(' [{"jsonrpc":"2.0","id":1,"method":"ping"}, 5 ,{"jsonrpc":"2.0","method":"n"}] '))
    expect(batch?.map((one) => (isMalformed(one) ? one.code : one.kind))).toEqual(['request', -32600, 'notification'])
  })

  test('what is no array is no batch, and a broken array is one complaint', () => {
    expect(readBatch(Buffer.from('{"jsonrpc":"2.0"}'))).toBeUndefined()
    expect(readBatch(Buffer.from(''))).toBeUndefined()
    expect(readBatch(Buffer.from('[]'))).toEqual([])
    for (const text of ['[', '[1,]', '[1]x', '[[1]', '[{"a":1]']) {
      expect(readBatch(Buffer.from(text))).toEqual([{ code: -32700, message: 'Parse error', id: 'null' }])
    }
  })
})

describe('a key that differs from one we route by in case only', () => {
  const call = (params: string) => readMessage(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`))

  test('is refused beside it, because a server might read the other one', () => {
    expect(call('{"name":"ok","Name":"evil"}')).toMatchObject({
      code: -32600,
      id: '1',
      message: expect.stringContaining('two spellings'),
    })
    expect(call('{"URI":"a","uri":"b"}')).toMatchObject({ code: -32600 })
  })

  test('passes where it stands alone', () => {
    expect(call('{"Name":"x","arguments":{"name":1,"NAME":2}}')).toMatchObject({ kind: 'request', name: '' })
  })
})
