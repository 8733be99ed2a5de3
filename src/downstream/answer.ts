/** The answer to one POST: JSON, or an event stream as soon as something has to precede the result. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Outlet } from '../gateway/questions.ts'
import { GatewayError } from '../protocol/errors.ts'
import { messageEvent } from '../protocol/event-stream.ts'
import type { Chunks } from '../protocol/message.ts'
import { PRIMING_VERSIONS } from '../protocol/versions.ts'
import { type EventLog, STREAM_HEADERS } from './event-log.ts'
import type { HttpSession } from './http-session.ts'

/** Up to this size a body is joined with the head of its response. */
const SMALL_BYTES = 16_384

export class Answer implements Outlet {
  readonly #res: ServerResponse
  readonly #http: HttpSession
  readonly #takesJson: boolean
  readonly #takesStream: boolean
  /** Of the two, the client names the stream first. */
  readonly #streamFirst: boolean
  #log: EventLog | undefined

  constructor(req: IncomingMessage, res: ServerResponse, http: HttpSession) {
    const { accept } = req.headers
    const { json, stream } = accepted(req)
    this.#res = res
    this.#http = http
    this.#takesJson = json
    this.#takesStream = stream
    const place = (type: string): number => (accept?.includes(type) ? accept.indexOf(type) : Number.POSITIVE_INFINITY)
    this.#streamFirst = place('text/event-stream') < place('application/json')
  }

  /** Opens the stream at once for a client that would rather have one: from then on it can be resumed. */
  begin(): void {
    if (this.#streamFirst) this.#stream()
  }

  /** Sends something before the result. A client that takes no stream here gets it on the stream of its session. */
  send(message: Chunks): void {
    if (!this.#takesStream) return this.#http.push.send(message)
    this.#stream().send(message)
  }

  /** Sends the result and ends; without one, as after a cancellation, just ends. */
  finish(answer: Chunks | undefined): void {
    if (this.#log) {
      this.#log.end(answer)
      this.#http.finished()
    } else if (!answer && this.#http.session?.closed) {
      // It did not give up the request; to it a connection that breaks says the truth, and "accepted" would leave it waiting.
      this.#res.destroy()
    } else if (!answer) {
      this.#res.writeHead(202).end()
    } else if (this.#takesJson || !this.#takesStream) {
      sendJson(this.#res, 200, answer)
    } else {
      this.#res.writeHead(200, STREAM_HEADERS)
      for (const chunk of messageEvent(answer)) this.#res.write(chunk)
      this.#res.end()
    }
  }

  #stream(): EventLog {
    if (this.#log) return this.#log
    this.#log = this.#http.open()
    this.#res.writeHead(200, STREAM_HEADERS)
    this.#log.attach(this.#res, PRIMING_VERSIONS.has(this.#http.session?.version ?? ''))
    return this.#log
  }
}

/** What the client takes for an answer. Throws `not_acceptable` where that is nothing we could send. */
export function accepted({ headers: { accept } }: IncomingMessage): { json: boolean; stream: boolean } {
  if (accept === undefined || accept.includes('*/*')) return { json: true, stream: true }
  const takes = { json: accept.includes('json'), stream: accept.includes('text/event-stream') }
  if (takes.json || takes.stream) return takes
  throw new GatewayError('not_acceptable', 'the client must accept application/json or text/event-stream')
}

export function sendJson(res: ServerResponse, status: number, body: Chunks, headers: Record<string, string> = {}): void {
  let length = 0
  for (const chunk of body) length += chunk.length
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers })
  const [only] = body
  if (only && body.length === 1) {
    // As a text, a small body leaves in one piece with the head; every byte is one latin1 character.
    if (only.length <= SMALL_BYTES) res.end(only.toString('latin1'), 'latin1')
    else res.end(only)
    return
  }
  res.cork()
  for (const chunk of body) res.write(chunk)
  res.end()
}
