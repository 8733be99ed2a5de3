/** Speaks to an MCP endpoint in bytes of our own choice, where an SDK would know better. */
import { type Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { until } from './processes.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

export interface Sent {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** Which connection to take; one of its own unless it says. */
  agent?: Agent
}

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/** Sends one HTTP request and reads the whole answer. */
export function send(url: string, { method = 'POST', headers = {}, body, agent }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...(body !== undefined && JSON_HEADERS), ...headers }, agent: agent ?? false })
    sent.once('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.once('error', reject)
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

/** The JSON-RPC messages of an answer as the texts they came in, whether it is JSON or an event stream. */
export function messages({ headers, text }: Pick<Answer, 'headers' | 'text'>): string[] {
  return headers['content-type'] === 'text/event-stream' ? events(text).flatMap(({ data }) => data || []) : [text]
}

export interface Event {
  id: string | undefined
  data: string
}

/** The events of a stream that have ended so far. */
function events(text: string): Event[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => ({ id: /^id: ?(.*)$/m.exec(block)?.[1], data: /^data: ?(.*)$/m.exec(block)?.[1] ?? '' }))
    .filter(({ id, data }) => id !== undefined || data !== '')
}

/** An event stream that is read as it comes. */
export class EventReader {
  readonly response: IncomingMessage
  readonly #sent: ClientRequest
  #text = ''
  ended = false

  private constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#sent = sent
    this.response = response
    response.setEncoding('utf8').on('data', (part: string) => {
      this.#text += part
    })
    response.once('close', () => {
      this.ended = true
    })
    // The end of a connection that a test cut is no surprise.
    response.once('error', () => undefined)
    sent.on('error', () => undefined)
  }

  static open(url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const all = { ...(body === undefined ? { accept: 'text/event-stream' } : JSON_HEADERS), ...headers }
      const sent = request(url, { method, headers: all, agent: false })
      sent.once('error', reject)
      sent.once('response', (response) => resolve(new EventReader(sent, response)))
      sent.end(body)
    })
  }

  get events(): Event[] {
    return events(this.#text)
  }

  /** Waits for an event whose data matches. */
  next(matches: (data: string) => boolean): Promise<Event> {
    return until(() => this.events.find(({ data }) => matches(data)), `no such event came; there were ${this.#text}`, {
      ms: 8_000,
    })
  }

  /** Cuts the connection. */
  cut(): void {
    this.#sent.destroy()
  }
}

export interface OpenOptions {
  capabilities?: object
  version?: string
  info?: object
  /** Sent with initialize alone. */
  headers?: Record<string, string>
}

/** A session over Streamable HTTP whose every byte is the test's. */
export class RawSession {
  readonly url: string
  readonly id: string
  readonly version: string
  /** The result of `initialize`. */
  readonly initialized: Record<string, unknown>

  private constructor(url: string, id: string, version: string, initialized: Record<string, unknown>) {
    this.url = url
    this.id = id
    this.version = version
    this.initialized = initialized
  }

  static async open(url: string, options: OpenOptions = {}): Promise<RawSession> {
    const { capabilities = {}, version = '2025-11-25', info = { name: 'raw', version: '1' }, headers = {} } = options
    const params = { protocolVersion: version, capabilities, clientInfo: info }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'open', method: 'initialize', params })
    const answer = await send(url, { body, headers })
    if (answer.status !== 200) throw new Error(`initialize was refused: ${answer.status} ${answer.text}`)
    const { result } = JSON.parse(messages(answer)[0] as string) as { result: Record<string, unknown> }
    const session = new RawSession(url, String(answer.headers['mcp-session-id']), String(result.protocolVersion), result)
    await session.post('{"jsonrpc":"2.0","method":"notifications/initialized"}')
    return session
  }

  get headers(): Record<string, string> {
    return { 'mcp-session-id': this.id, 'mcp-protocol-version': this.version }
  }

  post(body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
    return send(this.url, { body, headers: { ...this.headers, ...headers } })
  }

  /** Calls a tool under this id, given as JSON text; the messages that came, as texts. */
  async call(id: string, name: string, args: object = {}, token?: string): Promise<string[]> {
    const meta = token === undefined ? '' : `,"_meta":{"progressToken":${token}}`
    const params = `{"name":${JSON.stringify(name)},"arguments":${JSON.stringify(args)}${meta}}`
    return messages(await this.post(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`))
  }

  /** Opens the stream of the session, or resumes one. */
  listen(lastEventId?: string): Promise<EventReader> {
    return EventReader.open(this.url, { headers: { ...this.headers, ...(lastEventId && { 'last-event-id': lastEventId }) } })
  }

  end(): Promise<Answer> {
    return send(this.url, { method: 'DELETE', headers: this.headers })
  }
}
