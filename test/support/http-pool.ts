/** Servers for our HTTP client, and what comes of its requests to them. */
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach } from 'vitest'
import type { Flow, HttpError, HttpHandle } from '../../src/upstream/http-line.ts'
import { type HttpTarget, httpRequest, httpTarget } from '../../src/upstream/http-request.ts'
import type { PoolOptions } from '../../src/upstream/socket-pool.ts'
import { until } from './processes.ts'

const servers: Server[] = []
const sockets = new Set<Socket>()
const targets: HttpTarget[] = []

afterEach(() => {
  for (const { pool } of targets.splice(0)) pool.destroy()
  for (const server of servers.splice(0)) server.close()
  for (const socket of sockets) socket.destroy()
  sockets.clear()
})

export interface Serving {
  target: HttpTarget
  server: Server
  /** How many connections were made. */
  connections(): number
}

async function listen(server: Server, scheme: string, options: PoolOptions, host: string): Promise<Serving> {
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const target = await httpTarget(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/mcp?x=1`, options)
  targets.push(target)
  return { target, server, connections: () => connections }
}

export function serve(handle: RequestListener, options: PoolOptions = {}, host = '127.0.0.1'): Promise<Serving> {
  return listen(http.createServer(handle), 'http', options, host)
}

export function serveTls(pem: { key: Buffer; cert: Buffer }, handle: RequestListener, options: PoolOptions): Promise<Serving> {
  return listen(https.createServer(pem, handle), 'https', options, '127.0.0.1')
}

/** A server that says what it likes; `talk` gets each connection with its number, from 1. */
export function serveRaw(talk: (socket: Socket, n: number) => void): Promise<Serving> {
  let n = 0
  return listen(
    createServer((socket) => talk(socket, ++n)),
    'http',
    {},
    '127.0.0.1',
  )
}

export interface Came {
  status: number
  body: string
  error: HttpError | undefined
  over: boolean
  flow: Flow | undefined
}

/** What comes of a request: a POST where there is a body, else a GET. */
export function send(target: HttpTarget, body?: Buffer[], method: 'GET' | 'DELETE' = 'GET') {
  const got: Came = { status: 0, body: '', error: undefined, over: false, flow: undefined }
  const handle: HttpHandle = httpRequest(target, {
    method: body ? 'POST' : method,
    headers: {},
    ...(body && { body }),
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
