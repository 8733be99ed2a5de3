/** HTTP/1.1 responses as bytes: made at random, changed at random, cut anywhere, and read by our parser. */
import fc from 'fast-check'
import { ResponseParser } from '../../src/upstream/response-parser.ts'

/** The headers that are compared. */
export const headerNames = ['content-type', 'location', 'mcp-session-id'] as const

export interface Read {
  status: number
  headers: Record<string, string>
  body: string
  /** It came to its end by itself, or by the end of the connection. */
  ended: boolean
  whole: boolean
  reusable: boolean
  refused: string | undefined
}

/** What the parser makes of bytes that come in pieces, each in memory that is used again. */
export function readInPieces(bytes: Buffer, places: readonly number[] = []): Read {
  const got: Read = { status: 0, headers: {}, body: '', ended: false, whole: false, reusable: false, refused: undefined }
  const parser = new ResponseParser({
    head: (head) => {
      got.status = head.status
      for (const name of headerNames) if (head.header(name) !== undefined) got.headers[name] = head.header(name) as string
    },
    data: (chunk) => {
      got.body += chunk.toString('latin1')
    },
    end: () => {
      got.ended = true
    },
  })
  const edges = [0, ...places.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length]
  try {
    for (let n = 1; n < edges.length; n++) {
      const piece = Buffer.from(bytes.subarray(edges[n - 1], edges[n]))
      parser.push(piece)
      piece.fill('?')
    }
  } catch (error) {
    return { ...got, refused: (error as Error).message }
  }
  const { ended } = got
  return { ...got, ended, whole: parser.closed(), reusable: parser.reusable }
}

const text = fc.string({ unit: 'grapheme-ascii', maxLength: 30 })
const value = text.map((given) => given.trim())
const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
const blank = fc.constantFrom('', ' ', '\t', '  ')
const spelled = (name: string) =>
  fc.constantFrom(
    name,
    name.toUpperCase(),
    name.replace(/^./, (letter) => letter.toUpperCase()),
  )

const header = fc
  .tuple(fc.constantFrom(...headerNames, 'date', 'x-other'), blank, value, blank)
  .chain(([name, before, given, after]) => spelled(name).map((written) => `${written}:${before}${given}${after}\r\n`))

const length = body.chain((given) =>
  spelled('content-length').map((name) => ({ framing: `${name}: ${given.length}\r\n`, body: given, wire: given })),
)

const chunked = fc
  .tuple(
    fc.array(body.filter(Boolean), { maxLength: 5 }),
    fc.constantFrom('', ';a=b', ';a="b c"'),
    fc.array(header, { maxLength: 2 }),
  )
  .chain(([parts, extension, trailers]) =>
    spelled('transfer-encoding').map((name) => {
      const chunks = parts.map((part) => `${part.length.toString(16)}${extension}\r\n${part}\r\n`)
      return {
        framing: `${name}: chunked\r\n`,
        body: parts.join(''),
        wire: `${chunks.join('')}0\r\n${trailers.join('')}\r\n`,
      }
    }),
  )

const untilClosed = body.map((given) => ({ framing: 'Connection: close\r\n', body: given, wire: given }))

const announcements = fc.constantFrom('', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n')
const statuses = fc.constantFrom('200 OK', '200 ', '202 Accepted', '404 Not Found', '500 Internal Server Error')

export interface Made {
  bytes: Buffer
  body: string
}

/** A response as a server may send it. */
export const response: fc.Arbitrary<Made> = fc
  .tuple(announcements, statuses, fc.array(header, { maxLength: 5 }), fc.oneof(length, chunked, untilClosed), fc.nat(5))
  .map(([announced, status, headers, { framing, body: given, wire }, at]) => {
    const lines = headers.toSpliced(at, 0, framing).join('')
    return { bytes: Buffer.from(`${announced}HTTP/1.1 ${status}\r\n${lines}\r\n${wire}`, 'latin1'), body: given }
  })

/** Bytes that were a response before some of them were lost, doubled or changed. */
export const damaged: fc.Arbitrary<Buffer> = fc
  .tuple(
    response,
    fc.array(fc.tuple(fc.nat(1_000), fc.constantFrom('lose', 'double', 'change'), fc.nat(255)), { minLength: 1, maxLength: 4 }),
  )
  .map(([{ bytes }, changes]) => {
    const list = [...bytes]
    for (const [place, kind, byte] of changes) {
      const at = place % Math.max(1, list.length)
      if (kind === 'lose') list.splice(at, 1)
      else if (kind === 'double') list.splice(at, 0, list[at] ?? byte)
      else list[at] = byte
    }
    return Buffer.from(list)
  })

/** Where bytes are cut. */
export const cuts = fc.array(fc.nat(700), { maxLength: 12 })
