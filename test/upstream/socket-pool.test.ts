/** The small HTTP client does what the bridge needs of one: it keeps connections, streams, holds up, and tells how things failed. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Flow, httpRequest } from '../../src/upstream/http-request.ts'
import { SocketPool } from '../../src/upstream/socket-pool.ts'
import { until } from '../support/processes.ts'

const servers: http.Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(handle: (req: IncomingMessage, res: ServerResponse) => void) {
  const server = http.createServer(handle)
  let connections = 0
  server.on('connection', () => connections++)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp?x=1`)
  const target = { url, pool: await SocketPool.to(url), headers: { 'x-always': 'yes' } }
  return { target, connections: () => connections }
}

type Target = Awaited<ReturnType<typeof serve>>['target']

/** What comes of a request. */
function send(target: Target, body?: Buffer) {
  const got = {
    status: 0,
    body: '',
    error: undefined as NodeJS.ErrnoException | undefined,
    over: false,
    flow: undefined as Flow | undefined,
  }
  const handle = httpRequest(target, {
    method: body ? 'POST' : 'GET',
    headers: {},
    ...(body && { body: [body] }),
    response: ({ status }, flow) => {
      Object.assign(got, { status, flow })
      return {
        data: (chunk) => {
          got.body += chunk.toString()
        },
        end: () => {
          got.over = true
        },
      }
    },
    error: (error) => Object.assign(got, { error, over: true }),
  })
  return { got, handle, over: () => until(() => (got.over ? got : undefined), 'the request does not end') }
}

const echo = (req: IncomingMessage, res: ServerResponse) => {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk))
  req.on('end', () => res.end(`${req.method} ${req.url} ${req.headers['x-always']} ${Buffer.concat(chunks)}`))
}

describe('the pool', () => {
  it('sends method, path, headers and body, and keeps the connection for the next request', async () => {
    const { target, connections } = await serve(echo)
    expect(await send(target, Buffer.from('größe')).over()).toMatchObject({ status: 200, body: 'POST /mcp?x=1 yes größe' })
    expect(await send(target).over()).toMatchObject({ body: 'GET /mcp?x=1 yes ' })
    expect(connections()).toBe(1)
    const many = await Promise.all([1, 2, 3].map((n) => send(target, Buffer.from(String(n))).over()))
    expect(many.map(({ body }) => body.at(-1))).toEqual(['1', '2', '3'])
    expect(connections()).toBe(3)
  })

  it('tells a connection that was never made from one that broke', async () => {
    const refused = { ...(await serve(echo)).target }
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
    expect((await send(refused).over()).error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' })
    const { target } = await serve((req) => req.socket.destroy())
    const { error } = await send(target).over()
    expect(error?.code).toBe('ECONNRESET')
    expect(error?.syscall).not.toBe('connect')
  })

  it('does not use a connection again that the server has closed', async () => {
    const { target, connections } = await serve((req, res) => {
      echo(req, res)
      res.on('finish', () => setTimeout(() => req.socket.destroy(), 5))
    })
    await send(target).over()
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(await send(target).over()).toMatchObject({ status: 200 })
    expect(connections()).toBe(2)
  })

  it('reports a body that is cut off', async () => {
    const { target } = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': 100 })
      res.write('part')
      setTimeout(() => res.destroy(), 10)
    })
    expect(await send(target).over()).toMatchObject({ body: 'part', error: { code: 'ECONNRESET' } })
  })

  it('ends a request, and the server notices', async () => {
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

  it('holds up a response whose reader is busy', async () => {
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
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect({ written, over: got.over }).toEqual({ written: false, over: false })
    got.flow?.resume()
    expect((await over()).body.length).toBe(size)
  })
})
