/** Our HTTP client keeps connections, streams, holds up, and tells how things failed. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { httpTarget } from '../../src/upstream/http-request.ts'
import { send, serve, serveRaw } from '../support/http-pool.ts'
import { until } from '../support/processes.ts'

afterEach(() => vi.useRealTimers())

const echo = (req: IncomingMessage, res: ServerResponse) => {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk))
  req.on('end', () => res.end(`${req.method} ${req.url} ${req.headers['x-always']} ${Buffer.concat(chunks)}`))
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('a request', () => {
  it('carries method, path, headers and body, over one connection after the other request', async () => {
    const { target, connections } = await serve(echo, { headers: { 'x-always': 'yes' } })
    expect(await send(target, [Buffer.from('größe')]).over()).toMatchObject({ status: 200, body: 'POST /mcp?x=1 yes größe' })
    expect(await send(target).over()).toMatchObject({ body: 'GET /mcp?x=1 yes ' })
    expect(connections()).toBe(1)
    const many = await Promise.all([1, 2, 3].map((n) => send(target, [Buffer.from(String(n))]).over()))
    expect(many.map(({ body }) => body.at(-1))).toEqual(['1', '2', '3'])
    expect(connections()).toBe(3)
  })

  it('may be large and come in pieces', async () => {
    const { target } = await serve((req, res) => {
      let bytes = 0
      req.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      req.on('end', () => res.end(`${bytes} of ${req.headers['content-length']}`))
    })
    const piece = Buffer.alloc(3 * 1_048_576)
    expect((await send(target, [piece, Buffer.from('and'), piece]).over()).body).toBe('6291459 of 6291459')
  })

  it('goes to an IPv6 address, and names it as the URL does', async () => {
    const { target } = await serve((req, res) => res.end(req.headers.host), {}, '::1')
    expect((await send(target).over()).body).toBe(target.url.host)
  })

  it.each([
    ['x-bad', 'one\r\nx-smuggled: two'],
    ['x-bad', 'ä€'],
    ['x bad', 'one'],
    ['transfer-encoding', 'chunked'],
    ['content-length', '0'],
  ])('with a header that would be taken for something else is not sent: %s', async (name, value) => {
    const { target, connections } = await serve(echo, { headers: { [name]: value } })
    expect((await send(target).over()).error).toMatchObject({ code: 'ERR_INVALID_CHAR', unsent: true })
    expect(connections()).toBe(0)
  })

  it('fails at once where the connections were closed', async () => {
    const { target } = await serve(echo)
    target.pool.destroy()
    expect((await send(target).over()).error).toMatchObject({ unsent: true })
  })
})

describe('a connection', () => {
  it('that was never made is told from one that broke', async () => {
    const { target, server } = await serve(echo)
    await new Promise((resolve) => server.close(resolve))
    expect((await send(target).over()).error).toMatchObject({ code: 'ECONNREFUSED', unsent: true })
    const named = await httpTarget(`http://localhost:${target.url.port}/`)
    expect((await send(named).over()).error).toMatchObject({ code: 'ECONNREFUSED', unsent: true })
    const breaking = await serve((req) => req.socket.destroy())
    const { error } = await send(breaking.target).over()
    expect(error).toMatchObject({ code: 'ECONNRESET' })
    expect([error?.unsent, error?.stale]).toEqual([undefined, undefined])
  })

  it('that the server has closed is not used again', async () => {
    const closed: Promise<unknown>[] = []
    const { target, connections } = await serve((req, res) => {
      closed.push(new Promise((resolve) => req.socket.once('close', resolve)))
      echo(req, res)
      res.on('finish', () => setImmediate(() => req.socket.end()))
    })
    await send(target).over()
    await closed[0]
    expect(await send(target).over()).toMatchObject({ status: 200 })
    expect(connections()).toBe(2)
  })

  it('is closed by us after it has rested for four seconds', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const ended: boolean[] = []
    const { target } = await serveRaw((socket) => {
      socket.once('close', () => ended.push(true))
      socket.once('data', () => socket.write(OK))
    })
    const { got } = send(target)
    while (!got.over) await new Promise(setImmediate)
    vi.advanceTimersByTime(3_400)
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    expect(ended).toEqual([])
    vi.advanceTimersByTime(1_200)
    while (ended.length === 0) await new Promise(setImmediate)
  })

  it('is not kept where the server says that it will not be there in a moment', async () => {
    const { target, connections } = await serveRaw((socket) =>
      socket.on('data', () => socket.write(OK.replace('\r\n', '\r\nKeep-Alive: timeout=1\r\n'))),
    )
    for (let n = 0; n < 3; n++) expect(await send(target).over()).toMatchObject({ body: 'ok' })
    expect(connections()).toBe(3)
  })

  it('is not kept where the server answered before it had read the request', async () => {
    const { target, connections } = await serveRaw((socket) => {
      socket.once('readable', () => socket.write(OK))
    })
    expect(await send(target, [Buffer.alloc(30 * 1_048_576)]).over()).toMatchObject({ body: 'ok' })
    expect(await send(target).over()).toMatchObject({ body: 'ok' })
    expect(connections()).toBe(2)
  })

  it('is closed where the server speaks without being asked', async () => {
    // So that it is not closed because it rests.
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const open: Socket[] = []
    const { target, connections } = await serveRaw((socket) => {
      open.push(socket)
      socket.on('data', () => socket.write(OK))
    })
    const { got } = send(target)
    while (!got.over) await new Promise(setImmediate)
    const [first] = open
    const closed = new Promise((resolve) => first?.once('close', resolve))
    first?.write(OK.replace('ok', 'no'))
    await closed
    vi.useRealTimers()
    expect(await send(target).over()).toMatchObject({ body: 'ok' })
    expect(connections()).toBe(2)
  })
})

describe('a connection that dies while it rests, under the next request', () => {
  /** Answers the first request on the first two connections, and resets them at the second one. */
  const dying = () =>
    serveRaw((socket, n) => {
      let asked = 0
      socket.on('data', () => {
        if (++asked === 1 || n > 2) socket.write(OK)
        else socket.resetAndDestroy()
      })
    })

  it.each(['GET', 'DELETE'] as const)('costs a %s nothing', async (method) => {
    const { target, connections } = await dying()
    await Promise.all([send(target).over(), send(target).over()])
    expect(await send(target, undefined, method).over()).toMatchObject({ body: 'ok' })
    expect(connections()).toBe(3)
  })

  it('is told to whoever posts, since the server may have acted', async () => {
    const { target, connections } = await dying()
    await Promise.all([send(target).over(), send(target).over()])
    expect((await send(target, [Buffer.from('x')]).over()).error).toMatchObject({ code: 'ECONNRESET', stale: true })
    expect(await send(target, [Buffer.from('x')]).over()).toMatchObject({ body: 'ok' })
    expect(connections()).toBe(3)
  })
})

describe('a response', () => {
  it('that is cut off is reported', async () => {
    const { target } = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': 100 })
      res.write('part', () => res.destroy())
    })
    expect(await send(target).over()).toMatchObject({ body: 'part', error: { code: 'ECONNRESET' } })
  })

  it('that is no HTTP is an error, and its connection is gone', async () => {
    const { target, connections } = await serveRaw((socket, n) =>
      socket.once('data', () => socket.write(n === 1 ? 'SSH-2.0\r\n\r\n' : OK)),
    )
    expect((await send(target).over()).error?.message).toBe('the answer is no HTTP response')
    expect(await send(target).over()).toMatchObject({ body: 'ok' })
    expect(connections()).toBe(2)
  })

  it('that nobody waits for any more is given up, and the server notices', async () => {
    let gone = false
    const { target } = await serve((_req, res) => {
      res.on('close', () => {
        gone = true
      })
      res.writeHead(200).write(':\n\n')
    })
    const { got, handle } = send(target)
    await until(() => (got.body ? true : undefined), 'the stream does not begin')
    handle.destroy()
    await until(() => (gone ? true : undefined), 'the server does not notice')
    expect(got.error).toBeUndefined()
  })

  it('that is over cannot be given up: its connection may be at work for another', async () => {
    const { target, connections } = await serve(echo)
    const first = send(target)
    await first.over()
    const second = send(target, [Buffer.from('second')])
    first.handle.destroy()
    expect((await second.over()).body).toContain('second')
    expect(connections()).toBe(1)
  })

  it('is held up while its reader is busy', async () => {
    const size = 20 * 1_048_576
    let written = false
    const { target } = await serve((_req, res) => {
      res.end(Buffer.alloc(size, 0x61), () => {
        written = true
      })
    })
    const { got, over } = send(target)
    await until(() => got.flow, 'the response does not begin')
    got.flow?.pause()
    const before = got.body.length
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate)
    expect({ written, over: got.over, more: got.body.length - before < 200_000 }).toEqual({
      written: false,
      over: false,
      more: true,
    })
    got.flow?.resume()
    expect((await over()).body.length).toBe(size)
  })
})
