/** HTTP/1.1 responses are read the same however their bytes are cut, and nonsense is refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cuts, damaged, type Read, readInPieces, response } from '../support/http-bytes.ts'

const one = (text: string): Read => readInPieces(Buffer.from(text, 'latin1'))

describe('a response', () => {
  it('ends by its length', () => {
    const got = one('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nLOCATION:\t/a \r\nlocation:/b\r\n\r\nhello')
    expect(got).toMatchObject({ status: 200, body: 'hello', ended: true, reusable: true, whole: true })
    expect(got.headers).toEqual({ location: '/a, /b' })
  })

  it('ends by its last chunk, behind extensions and trailers', () => {
    const text =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, 10 bytes\r\n0\r\nTrailer: 1\r\n\r\n'
    expect(one(text)).toMatchObject({ body: 'hello, 10 bytes', ended: true, reusable: true })
  })

  it.each(['HTTP/1.0 200 OK\r\n\r\nall of it', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nall of it'])(
    'ends with the connection where it says neither: %s',
    (text) => expect(one(text)).toMatchObject({ body: 'all of it', ended: false, reusable: false, whole: true }),
  )

  it('has no body where its status allows none', () => {
    expect(one('HTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({ status: 204, ended: true, reusable: true })
    expect(one('HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n')).toMatchObject({ status: 304, ended: true })
    expect(one('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n')).toMatchObject({ status: 202, ended: true })
  })

  it('comes after any 100 Continue', () => {
    expect(one('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')).toMatchObject({
      status: 200,
      body: 'x',
    })
  })

  it('may go on with a header on the next line', () => {
    expect(one('HTTP/1.1 200 OK\r\nLocation: /a\r\n \t/b\r\nContent-Length: 0\r\n\r\n').headers).toEqual({ location: '/a /b' })
  })

  it('is not whole where the connection ends before it', () => {
    for (const text of ['', 'HTTP/1.1 2', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell']) expect(one(text).whole).toBe(false)
    expect(one('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n').whole).toBe(false)
  })

  it.each([
    ['is to be closed', 'HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 1\r\n\r\nx'],
    ['is of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx'],
    ['says more than was asked', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n'],
    ['measures in two ways', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'],
  ])('leaves no connection to be used again that %s', (_, text) => {
    expect(one(text)).toMatchObject({ body: 'x', ended: true, reusable: false })
  })

  it('leaves a connection of HTTP/1.0 to be used again where the server says so', () => {
    expect(one('HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx').reusable).toBe(true)
  })

  it.each([
    'SSH-2.0-OpenSSH\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nno header\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX : 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: 1\nY: 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`,
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'X: 1\r\n'.repeat(20_000)}`,
  ])('is refused where it is nonsense: %s', (text) => {
    expect(one(text).refused).toBeTypeOf('string')
  })
})

describe('however the bytes are cut', () => {
  it('a response is read in full', () => {
    fc.assert(
      fc.property(response, cuts, ({ bytes, body }, places) => {
        expect(readInPieces(bytes, places)).toMatchObject({ body, whole: true, refused: undefined })
      }),
      { numRuns: 500 },
    )
  })

  it('damaged responses and arbitrary bytes are read the same, or refused for the same reason', () => {
    const bytes = fc.oneof(
      { arbitrary: damaged, weight: 3 },
      fc.uint8Array({ maxLength: 200 }).map((given) => Buffer.from(given)),
    )
    fc.assert(
      fc.property(bytes, cuts, (given, places) => {
        expect(readInPieces(given, places)).toEqual(readInPieces(given))
      }),
      { numRuns: 1_000 },
    )
  })

  it('a head of the longest kind is read in no time, in small pieces', () => {
    const head = `HTTP/1.1 200 OK\r\n${'X: \t \t\r\n '.repeat(7_000)}x\r\nContent-Length: 0\r\n\r\n`
    expect(head.length).toBeGreaterThan(60_000)
    expect(
      readInPieces(
        Buffer.from(head),
        Array.from({ length: 2_000 }, (_, n) => n * 30),
      ),
    ).toMatchObject({ ended: true })
  })
})
