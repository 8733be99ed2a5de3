/** Event streams are read as the HTML specification says (9.2.6), wherever the network cuts them, and written so that any reader can. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventStreamParser, messageEvent, primingEvent } from '../../src/protocol/event-stream.ts'
import { cutting, jsonText, someCuts } from './json-text.ts'

interface Seen {
  events: { name: string; data: string; id: string | undefined }[]
  retries: number[]
  overflows: number[]
  strays: string[]
}

function parse(chunks: readonly Buffer[], bytesMax = 1_000_000): Seen {
  const seen: Seen = { events: [], retries: [], overflows: [], strays: [] }
  const parser = new EventStreamParser(bytesMax, {
    event: ({ name, data, id }) => seen.events.push({ name, data: data.toString(), id }),
    retry: (ms) => seen.retries.push(ms),
    stray: (line) => seen.strays.push(line.toString()),
    overflow: (bytes) => seen.overflows.push(bytes),
  })
  for (const chunk of chunks) parser.push(chunk)
  return seen
}

/** The specification's algorithm on the whole text. An event without data is only told where it has an id. */
function oracle(text: string): Pick<Seen, 'events' | 'retries'> {
  const events: Seen['events'] = []
  const retries: number[] = []
  let event = { name: '', data: '', id: undefined as string | undefined }
  // The piece behind the last line end is no line yet.
  for (const line of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .slice(0, -1)) {
    if (line === '') {
      const data = event.data.replace(/\n$/, '')
      if (data !== '' || event.id !== undefined) events.push({ ...event, data })
      event = { name: '', data: '', id: undefined }
      continue
    }
    if (line.startsWith(':')) continue
    const [, field, value] = /^([^:]*)(?:: ?)?(.*)$/su.exec(line) as unknown as [string, string, string]
    if (field === 'event') event.name = value
    else if (field === 'data') event.data += `${value}\n`
    else if (field === 'id' && !value.includes('\0')) event.id = value
    else if (field === 'retry' && /^\d+$/.test(value)) retries.push(Number(value))
  }
  return { events, retries }
}

const end = fc.constantFrom('\n', '\r', '\r\n')
const word = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => text.replace(/[\r\n]/g, '')),
  fc.constantFrom('', ' ', '  x', ':', 'a: b', '\0', '\ufeff', '日本🙂'),
)
const field = fc.constantFrom(
  'data',
  'data',
  'data',
  'event',
  'id',
  'retry',
  '',
  'unknown',
  'dat',
  'DATA',
  ' data',
  'a-field-with-a-long-name',
)
const line = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(field, fc.constantFrom(':', ': ', ':  '), word).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: field },
  { weight: 1, arbitrary: fc.nat(9_999).map((ms) => `retry: ${ms}`) },
  { weight: 1, arbitrary: word },
)
const stream = fc
  .tuple(
    fc.constantFrom('', '\ufeff'),
    fc.array(
      fc.tuple(line, end).map((parts) => parts.join('')),
      { maxLength: 25 },
    ),
    line,
  )
  .map(([bom, lines, tail]) => bom + lines.join('') + tail)

describe('reading', () => {
  test('any stream, cut anywhere, gives the events of the specification', () => {
    fc.assert(
      fc.property(stream, someCuts, (text, cuts) => {
        const { events, retries } = parse(cutting(Buffer.from(text), cuts))
        expect({ events, retries }).toEqual(oracle(text))
      }),
      { numRuns: 1_000 },
    )
  })

  test('one byte at a time is no different from all at once', () => {
    fc.assert(
      fc.property(stream, (text) => {
        const bytes = Buffer.from(text)
        const single = [...bytes.keys()].map((at) => bytes.subarray(at, at + 1))
        expect(parse(single)).toEqual(parse([bytes]))
      }),
    )
  })

  test('arbitrary bytes never throw', () => {
    const lively = fc.array(fc.oneof(fc.constantFrom(10, 13, 58, 32, 100, 97, 116, 0xef, 0xbb, 0xbf), fc.nat(255)), {
      maxLength: 100,
    })
    fc.assert(
      fc.property(lively, someCuts, fc.integer({ min: 1, max: 50 }), (bytes, cuts, bytesMax) => {
        expect(() => parse(cutting(Buffer.from(bytes), cuts), bytesMax)).not.toThrow()
      }),
    )
  })

  test('a line that is no field is told, for servers that send bare JSON', () => {
    expect(parse([Buffer.from('{"jsonrpc":"2.0"}\n\n')]).strays).toEqual(['{"jsonrpc":"2.0"}'])
  })
})

describe('too much', () => {
  const fine = 'data: fine\n\n'

  test.each([
    ['a line', `data: ${'x'.repeat(300)}\n\n`],
    ['a line that never ended', `${'x'.repeat(300)}data: forged\n\n`],
    ['an event of many lines', `${'data: xxxxxxxxxx\n'.repeat(40)}\n`],
    ['a line, and more lines of the same event', `data: ${'x'.repeat(300)}\ndata: the rest\n\n`],
  ])('%s over the limit is told once and dropped whole, and the next event is read', (_what, text) => {
    const bytes = Buffer.from(text + fine)
    for (const step of [1, 7, 64, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, at) => bytes.subarray(at * step, (at + 1) * step))
      const { events, overflows } = parse(chunks, 200)
      expect([step, events]).toEqual([step, [{ name: '', data: 'fine', id: undefined }]])
      expect([step, overflows.length]).toEqual([step, 1])
    }
  })

  test('many events that are each within the limit are not too much', () => {
    const text = `: comment\nevent: message\nid: 1\ndata: ${'x'.repeat(50)}\n\n`.repeat(100)
    for (const step of [1, 3, 1_000]) {
      const bytes = Buffer.from(text)
      const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, at) => bytes.subarray(at * step, (at + 1) * step))
      expect(parse(chunks, 120)).toMatchObject({ overflows: [], events: { length: 100 } })
    }
  })
})

describe('writing', () => {
  test('a message that is written is read back, however it was spelled', () => {
    fc.assert(
      fc.property(jsonText, fc.option(fc.stringMatching(/^[a-z0-9_]{1,8}$/), { nil: undefined }), (text, id) => {
        const { events } = parse([Buffer.concat(messageEvent([Buffer.from(text)], id))])
        expect(events).toMatchObject([{ name: 'message', id }])
        expect(JSON.stringify(JSON.parse(events[0]?.data ?? ''))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  test('the event to resume from has an id and a pause and no data', () => {
    expect(parse([primingEvent('r1_0', 500)])).toMatchObject({ events: [{ id: 'r1_0', data: '' }], retries: [500] })
  })
})
