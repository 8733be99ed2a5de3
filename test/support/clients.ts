/** MCP clients of the official SDKs for tests: what servers tell and ask them is kept, and answered as a test wants. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js'
import * as z from 'zod'
import { until } from './processes.ts'

/** A notification or request as the client's SDK handed it over. */
export interface Heard {
  method: string
  params?: Record<string, unknown>
}

export type Answers = Record<string, (params: Record<string, unknown>) => unknown>

/** Any result as it is: the SDK's own schemas would drop what they do not know. */
const ANYTHING = z.any()

export class TestClient {
  readonly client: Client
  /** Notifications in the order they came; progress is among them only without a handler of the SDK's own. */
  readonly notifications: Heard[] = []
  /** What servers asked. */
  readonly asked: Heard[] = []

  private constructor(capabilities: ClientCapabilities, answers: Answers) {
    this.client = new Client({ name: 'test-client', version: '1.2.3' }, { capabilities })
    this.client.fallbackNotificationHandler = async (notification) => {
      this.notifications.push(notification as Heard)
    }
    this.client.fallbackRequestHandler = async (request) => {
      const heard = { method: request.method, params: (request.params ?? {}) as Record<string, unknown> }
      this.asked.push(heard)
      const answer = answers[request.method]
      if (!answer) throw new Error(`the test client was asked ${request.method}`)
      return (await answer(heard.params)) as Record<string, never>
    }
  }

  static async over(transport: Transport, capabilities: ClientCapabilities = {}, answers: Answers = {}): Promise<TestClient> {
    const one = new TestClient(capabilities, answers)
    await one.client.connect(transport)
    return one
  }

  static http(url: string, capabilities?: ClientCapabilities, answers?: Answers): Promise<TestClient> {
    return TestClient.over(new StreamableHTTPClientTransport(new URL(url)) as Transport, capabilities, answers)
  }

  static sse(url: string, capabilities?: ClientCapabilities, answers?: Answers): Promise<TestClient> {
    return TestClient.over(new SSEClientTransport(new URL(url)), capabilities, answers)
  }

  static stdio(
    server: { command: string; args: string[]; env?: Record<string, string> },
    capabilities?: ClientCapabilities,
    answers?: Answers,
  ): Promise<TestClient> {
    const env = { XDG_STATE_HOME: process.env.XDG_STATE_HOME ?? '', ...server.env }
    return TestClient.over(new StdioClientTransport({ ...server, env, stderr: 'ignore' }), capabilities, answers)
  }

  /** Sends a request; the result is whole, unknown members included. */
  request(
    method: string,
    params?: Record<string, unknown>,
    options?: { signal?: AbortSignal },
  ): Promise<Record<string, unknown>> {
    return this.client.request({ method, ...(params && { params }) }, ANYTHING, options) as Promise<Record<string, unknown>>
  }

  call(name: string, args: Record<string, unknown> = {}, options?: { signal?: AbortSignal }): Promise<Record<string, unknown>> {
    return this.request('tools/call', { name, arguments: args }, options)
  }

  /** The text of the first content block of a call. */
  async text(name: string, args?: Record<string, unknown>): Promise<string> {
    const { content } = (await this.call(name, args)) as { content: { text: string }[] }
    return content[0]?.text ?? ''
  }

  async toolNames(): Promise<string[]> {
    const { tools } = (await this.request('tools/list')) as { tools: { name: string }[] }
    return tools.map(({ name }) => name)
  }

  /** Waits for a notification. */
  heard(method: string, matches: (params: Record<string, unknown>) => boolean = () => true): Promise<Heard> {
    const look = () => this.notifications.find((one) => one.method === method && matches(one.params ?? {}))
    return until(look, `no ${method} came`, { ms: 8_000 })
  }

  count(method: string): number {
    return this.notifications.filter((one) => one.method === method).length
  }

  /** Ends the session as a client in order does. */
  async close(): Promise<void> {
    const { transport } = this.client
    if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession()
    await this.client.close()
  }
}
