/** An HTTP server of the stateless era, made of the answers that a test gives it; it keeps every request that it got. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'

export interface Got {
  /** That of HTTP. */
  verb: string
  headers: IncomingHttpHeaders
  method: string
  id: unknown
  params: Record<string, unknown>
  /** Whoever sent it has closed the connection before it was answered. */
  gone: boolean
}

/** The JSON-RPC outcome of a request, with the HTTP status; or whatever it does to the response itself. */
export type Outcome =
  | { result: object }
  | { error: object; status?: number }
  | { raw: (res: ServerResponse, id: unknown) => void }

export type Behaviour = Record<string, (got: Got) => Outcome>

const VERSION = '2026-07-28'

export const discovery = (capabilities: object = { tools: {} }): Outcome => ({
  result: { resultType: 'complete', supportedVersions: [VERSION], capabilities, ttlMs: 0, cacheScope: 'public' },
})

export const listOf = (...tools: object[]): Outcome => ({
  result: { resultType: 'complete', tools, ttlMs: 0, cacheScope: 'public' },
})

export const complete = (words: string): Outcome => ({
  result: { resultType: 'complete', content: [{ type: 'text', text: words }] },
})

/** Opens an event stream with these messages on it, and leaves it open. */
export const stream = (...messages: object[]): Outcome => ({
  raw: (res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const message of messages) event(res, message)
  },
})

export function event(res: ServerResponse, message: object): void {
  res.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`)
}

export class StatelessPeer {
  readonly got: Got[] = []
  readonly url: string
  /** May be changed while it runs. */
  behaviour: Behaviour
  readonly #close: () => Promise<void>

  private constructor(url: string, behaviour: Behaviour, close: () => Promise<void>) {
    this.url = url
    this.behaviour = behaviour
    this.#close = close
  }

  static async start(behaviour: Behaviour): Promise<StatelessPeer> {
    const server = createServer((req, res) => {
      void readText(req).then((body) => {
        const { method = '', id, params = {} } = body === '' ? {} : JSON.parse(body)
        const got: Got = { verb: req.method ?? '', headers: req.headers, method, id, params, gone: false }
        peer.got.push(got)
        res.once('close', () => {
          got.gone = !res.writableFinished
        })
        peer.#answer(got, res)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
    const peer: StatelessPeer = new StatelessPeer(url, behaviour, async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return peer
  }

  /** The requests of one method, in order. */
  of(method: string): Got[] {
    return this.got.filter((one) => one.method === method)
  }

  close(): Promise<void> {
    return this.#close()
  }

  #answer(got: Got, res: ServerResponse): void {
    const { id, method } = got
    const handler = this.behaviour[method]
    const outcome: Outcome = handler?.(got) ?? { error: { code: -32_601, message: 'Method not found' }, status: 404 }
    if ('raw' in outcome) return outcome.raw(res, id)
    const { status = 200, ...rest } = { status: 200, ...outcome }
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...rest }))
  }
}
