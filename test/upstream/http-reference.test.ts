/** What our HTTP client makes of a server's bytes is what Node's own makes of them. */
import http from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { httpRequest, httpTarget } from '../../src/upstream/http-request.ts'
import { cuts, damaged, headerNames, response } from '../support/http-bytes.ts'

interface Got {
  status: number
  headers: Record<string, string>
  body: string
  ended: 'whole' | 'broken'
}

let answer: Buffer[] = []
const server = createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', () => write(socket, [...answer]))
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

/** Each piece in a turn of its own, so that it mostly is a packet of its own; then the end. */
function write(socket: Socket, pieces: Buffer[]): void {
  const piece = pieces.shift()
  if (!piece) return void socket.end()
  socket.write(piece)
  setImmediate(() => write(socket, pieces))
}

async function ours(): Promise<Got> {
  const target = await httpTarget(url)
  const got: Got = { status: 0, headers: {}, body: '', ended: 'broken' }
  await new Promise<void>((over) => {
    httpRequest(target, {
      method: 'GET',
      headers: {},
      response: (head) => {
        got.status = head.status
        for (const name of headerNames) if (head.header(name) !== undefined) got.headers[name] = head.header(name) as string
        return {
          data: (chunk) => {
            got.body += chunk.toString('latin1')
          },
          end: () => {
            got.ended = 'whole'
            over()
          },
        }
      },
      error: () => over(),
    })
  })
  target.pool.destroy()
  return got
}

async function nodes(): Promise<Got> {
  const got: Got = { status: 0, headers: {}, body: '', ended: 'broken' }
  await new Promise<void>((over) => {
    const request = http.get(url, { agent: false, joinDuplicateHeaders: true }, (response) => {
      const { statusCode = 0, headers } = response
      const known = headerNames.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]]))
      Object.assign(got, { status: statusCode, headers: Object.fromEntries(known) })
      response.on('data', (chunk: Buffer) => {
        got.body += chunk.toString('latin1')
      })
      response.on('error', () => over())
      response.on('end', () => {
        got.ended = 'whole'
        over()
      })
    })
    request.on('error', () => over())
    request.on('close', () => over())
  })
  return got
}

function cut(bytes: Buffer, places: number[]): Buffer[] {
  const edges = [0, ...places.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((edge, n) => bytes.subarray(edges[n], edge))
}

it('for every response a server may send', async () => {
  await fc.assert(
    fc.asyncProperty(response, cuts, async ({ bytes }, places) => {
      answer = cut(bytes, places)
      const got = await ours()
      expect(got).toEqual(await nodes())
      expect(got.ended).toBe('whole')
    }),
    { numRuns: 150 },
  )
})

it('for damaged ones that both take', async () => {
  await fc.assert(
    fc.asyncProperty(damaged, async (bytes) => {
      answer = [bytes]
      const [got, expected] = [await ours(), await nodes()]
      if (got.ended === 'whole' && expected.ended === 'whole') expect(got).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})
