/** The clients of the storm: the official SDK and bare HTTP, straight to the gateway or through the bridge. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { McpError } from '@modelcontextprotocol/sdk/types.js'
import * as z from 'zod'
import type { Machine } from '../support/bridge.ts'
import { TestClient } from '../support/clients.ts'
import { messages, RawSession } from '../support/raw-http.ts'

/** `lost`: the connection to the gateway broke, or the gateway said that it ends or no longer knows the session. */
export type Outcome =
  | { kind: 'answer'; result: Record<string, unknown> }
  | { kind: 'error'; code: number; message: string }
  | { kind: 'lost'; why: string }
  | { kind: 'hung' }

export interface Caller {
  readonly name: string
  /** Nothing that happens to the gateway may reach it. */
  readonly bridged: boolean
  request(method: string, params: Record<string, unknown>): Promise<Outcome>
  /** Opens another session in the place of the one that is lost. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/** No call may take so long, whatever happens meanwhile. */
export const DEADLINE_MS = 25_000

const ANYTHING = z.any()
const REQUEST_TIMEOUT = -32_001
const CONNECTION_CLOSED = -32_000

/** A client of the SDK; `open` gives it a new connection. */
class SdkCaller implements Caller {
  readonly name: string
  readonly bridged: boolean
  readonly #open: () => Promise<TestClient>
  #client: TestClient
  /** What came before it; calls of another lane may still hang on those. */
  readonly #left: TestClient[] = []
  #reopening: Promise<void> | undefined
  #asked = 0

  private constructor(name: string, bridged: boolean, open: () => Promise<TestClient>, client: TestClient) {
    this.name = name
    this.bridged = bridged
    this.#open = open
    this.#client = client
  }

  static async over(name: string, bridged: boolean, open: () => Promise<TestClient>): Promise<SdkCaller> {
    return new SdkCaller(name, bridged, open, await open())
  }

  async request(method: string, params: Record<string, unknown>): Promise<Outcome> {
    const { client } = this.#client
    // News of its progress makes a stream of an answer; a client without a bridge would wait for the rest of one for ever.
    const streams = this.bridged && this.#asked++ % 2 === 0
    const options = { timeout: DEADLINE_MS, ...(streams && { onprogress: () => undefined }) }
    try {
      return { kind: 'answer', result: await client.request({ method, params }, ANYTHING, options) }
    } catch (error) {
      if (!(error instanceof McpError)) return { kind: 'lost', why: String(error) }
      if (error.code === REQUEST_TIMEOUT) return { kind: 'hung' }
      if (error.code === CONNECTION_CLOSED) return { kind: 'lost', why: error.message }
      return failed(error)
    }
  }

  reopen(): Promise<void> {
    const before = this.#client
    this.#reopening ??= this.#open()
      .then((client) => {
        this.#client = client
        this.#left.push(before)
      })
      .finally(() => {
        this.#reopening = undefined
      })
    return this.#reopening
  }

  async close(): Promise<void> {
    await Promise.all([...this.#left.map(({ client }) => client.close()), this.#client.close()])
  }
}

/** A client that is nothing but POST, each on a connection of its own. */
class RawCaller implements Caller {
  readonly name: string
  readonly bridged = false
  readonly #open: () => Promise<RawSession>
  #session: RawSession
  #reopening: Promise<void> | undefined
  #nextId = 1

  private constructor(name: string, open: () => Promise<RawSession>, session: RawSession) {
    this.name = name
    this.#open = open
    this.#session = session
  }

  static async over(name: string, open: () => Promise<RawSession>): Promise<RawCaller> {
    return new RawCaller(name, open, await open())
  }

  async request(method: string, params: Record<string, unknown>): Promise<Outcome> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Outcome>((resolve) => {
      timer = setTimeout(resolve, DEADLINE_MS, { kind: 'hung' })
    })
    const answered = this.#post(method, params).catch((error: Error): Outcome => ({ kind: 'lost', why: error.message }))
    const outcome = await Promise.race([answered, late])
    clearTimeout(timer)
    return outcome
  }

  async #post(method: string, params: Record<string, unknown>): Promise<Outcome> {
    const id = this.#nextId++
    const reply = await this.#session.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    if (reply.status === 404) return { kind: 'lost', why: 'the gateway does not know the session' }
    const message = messages(reply)
      .map((text) => parsed(text))
      .find((one) => one.id === id)
    if (!message) return { kind: 'error', code: 0, message: `${reply.status} without an answer: ${reply.text.slice(0, 200)}` }
    if (message.error) return failed(message.error as Failure)
    return { kind: 'answer', result: message.result as Record<string, unknown> }
  }

  reopen(): Promise<void> {
    this.#reopening ??= this.#open()
      .then((session) => {
        this.#session = session
      })
      .finally(() => {
        this.#reopening = undefined
      })
    return this.#reopening
  }

  async close(): Promise<void> {
    await this.#session.end()
  }
}

interface Failure {
  code: number
  message: string
  data?: unknown
}

function failed({ code, message, data }: Failure): Outcome {
  if ((data as { reason?: unknown } | undefined)?.reason === 'gateway_stopped') return { kind: 'lost', why: message }
  return { kind: 'error', code, message }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** Ten clients: three of the SDK and three of bare HTTP straight to the gateway, four behind bridges. They differ in what they can do. */
export function tenCallers(machine: Machine): Promise<Caller[]> {
  const url = `http://127.0.0.1:${machine.port}/mcp`
  const able = { roots: {} }
  // Who has roots has its own.
  const answers = (name: string) => ({
    'roots/list': () => ({ roots: [{ uri: pathToFileURL(join(machine.folder.path, name)).href }] }),
  })
  const sdk = (name: string, capabilities: object) =>
    SdkCaller.over(name, false, () => TestClient.http(url, capabilities, answers(name)))
  const raw = (name: string, capabilities: object) => RawCaller.over(name, () => RawSession.open(url, { capabilities }))
  const bridged = async (name: string, capabilities: object) => {
    mkdirSync(join(machine.folder.path, name), { recursive: true })
    const caller = await SdkCaller.over(name, true, () => machine.connect(capabilities, answers(name)))
    // The bridge knows what may be called twice from the list that its client has seen.
    await caller.request('tools/list', {})
    return caller
  }
  return Promise.all([
    sdk('sdk 1', {}),
    sdk('sdk 2', {}),
    sdk('sdk 3', able),
    raw('raw 1', {}),
    raw('raw 2', {}),
    raw('raw 3', { elicitation: {} }),
    bridged('bridge 1', {}),
    bridged('bridge 2', {}),
    bridged('bridge 3', able),
    bridged('bridge 4', able),
  ])
}
