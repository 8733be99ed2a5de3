/** Streams of HTTP servers that break off, and what servers send and ask beside any call. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { type Gateway, type HttpServer, startMisbehavingHttp } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { misbehavingAt, refusal, startGateway, stopSound } from './misbehaving.ts'

/** A server whose streams are destroyed rather than ended; it keeps count of them. */
class Breaking {
  readonly server: Server
  /** GETs without Last-Event-ID that are open at this moment. */
  readonly listening = new Set<ServerResponse>()
  /** How often such a stream was opened. */
  opened = 0
  resumptions = 0
  resumeWith: 'answer' | 'priming' = 'answer'
  #call: unknown

  constructor() {
    this.server = createServer((req, res) => void this.#serve(req, res))
  }

  static async start(): Promise<Breaking> {
    const one = new Breaking()
    await new Promise<void>((resolve) => one.server.listen(0, '127.0.0.1', resolve))
    return one
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/mcp`
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.method === 'GET') return this.#get(req, res)
    let body = ''
    for await (const chunk of req) body += String(chunk)
    const message = body === '' ? {} : (JSON.parse(body) as { id?: unknown; method?: string })
    if (message.id === undefined) return void res.writeHead(202).end()
    if (message.method === 'tools/call') return this.#breakOff(res, message.id)
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'breaking', version: '1' },
      },
      'tools/list': { tools: [{ name: 'torn', inputSchema: { type: 'object' } }] },
    }
    res.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'one' })
    res.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: results[message.method ?? ''] ?? {} }))
  }

  /** Begins an answer that can be resumed, and tears the connection down. */
  #breakOff(res: ServerResponse, id: unknown): void {
    this.#call = id
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    res.write('id: e-1\nretry: 20\ndata: \n\n')
    setTimeout(() => res.destroy(), 20)
  }

  #get(req: IncomingMessage, res: ServerResponse): void {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    res.flushHeaders()
    if (req.headers['last-event-id'] === undefined) {
      this.opened++
      this.listening.add(res)
      res.write(': here\n\n')
      res.once('close', () => this.listening.delete(res))
      return
    }
    this.resumptions++
    if (this.resumeWith === 'priming') res.end(`id: e-${this.resumptions}\nretry: 0\ndata: \n\n`)
    else
      res.end(
        `id: e-2\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: this.#call, result: { content: [{ type: 'text', text: 'resumed' }] } })}\n\n`,
      )
  }
}

let http: HttpServer
let breaking: Breaking
let gateway: Gateway
let client: TestClient

beforeAll(async () => {
  http = await startMisbehavingHttp()
  breaking = await Breaking.start()
  gateway = await startGateway({ mis: misbehavingAt(http.url), breaking: misbehavingAt(breaking.url) })
  const answers = { 'roots/list': () => ({ roots: [{ uri: 'file:///home' }] }) }
  client = await TestClient.http(gateway.url(), { roots: {} }, answers)
  await client.toolNames()
})

afterAll(async () => {
  await client.close()
  await stopSound(gateway)
  await http.stop()
  breaking.stop()
})

describe('a stream that breaks off before the answer', () => {
  test('goes on by GET behind its last event, as often as it takes', async () => {
    expect(await client.text('mis__cut', { resumable: true })).toBe('resumed after 1')
    expect(await client.text('mis__cut', { resumable: true, cuts: 3, retryMs: 10 })).toBe('resumed after 3')
  })

  test('is resumed once, also where the connection was torn down', async () => {
    const before = breaking.resumptions
    expect(await client.text('breaking__torn')).toBe('resumed')
    await sleep(100)
    expect(breaking.resumptions).toBe(before + 1)
  })

  test('again and again, without a pause asked for, is not resumed without a pause', async () => {
    breaking.resumeWith = 'priming'
    const before = breaking.resumptions
    const stop = new AbortController()
    const call = refusal(client.call('breaking__torn', {}, { signal: stop.signal }))
    await sleep(1_000)
    stop.abort('enough')
    await call
    breaking.resumeWith = 'answer'
    expect(breaking.resumptions - before).toBeGreaterThan(0)
    expect(breaking.resumptions - before).toBeLessThan(60)
  })
})

describe('the stream of the session', () => {
  test('is opened again after it was torn down, one for each that there was', async () => {
    await until(() => (breaking.listening.size > 0 ? true : undefined), 'no stream was opened')
    const streams = breaking.listening.size
    for (let i = 0; i < 2; i++) {
      const before = breaking.opened
      for (const res of breaking.listening) res.destroy()
      await until(() => (breaking.opened >= before + streams ? true : undefined), 'no stream was opened again')
      await sleep(200)
      expect([breaking.opened - before, breaking.listening.size]).toEqual([streams, streams])
    }
  })

  test('brings notifications of the server to its clients', async () => {
    const params = { level: 'warning', data: 'beside any call' }
    await client.text('mis__notify-get', { method: 'notifications/message', params })
    expect((await client.heard('notifications/message', ({ data }) => data === 'beside any call')).params).toEqual(params)
  })

  test('brings questions of the server, and the answers go back', async () => {
    const answer = await client.text('mis__ask-get', { method: 'roots/list' })
    expect(JSON.parse(answer)).toEqual({ result: { roots: [{ uri: 'file:///home' }] } })
    expect(JSON.parse(await client.text('mis__ask', { method: 'ping' }))).toEqual({ result: {} })
  })

  test('that the server ends is opened again', async () => {
    await client.text('mis__end-get')
    const again = async () => {
      await client.text('mis__notify-get', { method: 'notifications/message', params: { level: 'error', data: 'after the end' } })
      return client.notifications.some(({ params }) => params?.data === 'after the end') || undefined
    }
    await until(again, 'the stream is not opened again', { ms: 6_000 })
  })
})
