/** HTTP/1.1 responses are read the same however their bytes are cut, and nonsense is refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Headers, ResponseParser } from '../../src/upstream/response-parser.ts'

interface Read {
  status: number
  headers: Headers
  body: string
  ended: boolean
  reusable: boolean
  whole: boolean
}

function read(chunks: Buffer[]): Read {
  const got = { status: 0, headers: {} as Headers, body: Buffer.alloc(0), ended: false }
  const parser = new ResponseParser({
    head: (status, headers) => Object.assign(got, { status, headers }),
    data: (chunk) => {
      got.body = Buffer.concat([got.body, chunk])
    },
    end: () => {
      got.ended = true
    },
  })
  for (const chunk of chunks) parser.push(chunk)
  const { ended } = got
  const whole = parser.closed()
  return { ...got, ended, body: got.body.toString(), reusable: parser.reusable, whole }
}

const one = (text: string) => read([Buffer.from(text)])

describe('a response', () => {
  it('ends by its length', () => {
    const got = one('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhällo'.replace('ä', 'e'))
    expect(got).toMatchObject({ status: 200, body: 'hello', ended: true, reusable: true, whole: true })
    expect(got.headers).toEqual({ 'content-length': '5', 'x-a': ['1', '2'] })
  })

  it('ends by its last chunk, behind extensions and trailers', () => {
    const text =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, 10 bytes\r\n0\r\nTrailer: 1\r\n\r\n'
    expect(one(text)).toMatchObject({ body: 'hello, 10 bytes', ended: true, reusable: true })
  })

  it('ends with the connection where it says neither', () => {
    expect(one('HTTP/1.0 200 OK\r\n\r\nall of it')).toMatchObject({
      body: 'all of it',
      ended: false,
      reusable: false,
      whole: true,
    })
  })

  it('has no body where its status allows none', () => {
    expect(one('HTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({ status: 204, ended: true, reusable: true })
    expect(one('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n')).toMatchObject({ status: 202, ended: true })
  })

  it('comes after any 100 Continue', () => {
    expect(one('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')).toMatchObject({
      status: 200,
      body: 'x',
    })
  })

  it('is not whole where the connection ends before it', () => {
    for (const text of ['', 'HTTP/1.1 2', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell']) expect(one(text).whole).toBe(false)
    expect(one('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n').whole).toBe(false)
  })

  it('leaves no connection to be used again that is to be closed, or that says more than was asked', () => {
    expect(one('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx').reusable).toBe(false)
    expect(one('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n')).toMatchObject({
      body: 'x',
      reusable: false,
    })
  })

  it.each([
    'SSH-2.0-OpenSSH\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`,
  ])('is refused where it is nonsense: %s', (text) => {
    expect(() => one(text)).toThrow()
  })

  it('is read the same however it is cut', () => {
    const bodies = [
      'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n',
    ]
    const cuts = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 10 })
    fc.assert(
      fc.property(fc.constantFrom(...bodies), cuts, (text, places) => {
        const bytes = Buffer.from(text)
        const edges = [0, ...places.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length]
        const got = read(edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge)))
        expect(got).toMatchObject({ body: 'hello world', ended: true, reusable: true })
      }),
    )
  })
})
