/** One request on its way through the gateway: sent by POST, answered by JSON or on a stream that is resumed when it breaks. */
import { EventStreamParser } from '../../protocol/event-stream.ts'
import { isFarewell } from '../../protocol/farewell.ts'
import type { Message } from '../../protocol/message.ts'
import { isMalformed, readBatch, readMessage } from '../../protocol/read.ts'
import type { Flow, HttpHandle } from '../../upstream/http-line.ts'
import { bodyReader, type HttpReader, type HttpTarget, httpRequest } from '../../upstream/http-request.ts'
import type { HttpHeaders } from '../../upstream/request-head.ts'
import type { ResponseHead } from '../../upstream/response-head.ts'
import type { Flows } from './flows.ts'

const MESSAGE_BYTES_MAX = 160 * 1_048_576
const RESUMES_MAX = 5
const RESUME_MS = 100

/** `untaken`: the gateway certainly did nothing. `interrupted`: it may have; `again`: it may do it twice. `refused`: it said why not. */
export interface End {
  kind: 'over' | 'untaken' | 'interrupted' | 'again' | 'refused'
  /** Why; empty where it is over in good order. */
  message: string
}

/** What goes with a request: the headers of its session at this moment, or those that a stateless one has for itself. */
export interface PostedHeaders {
  readonly session: string | undefined
  readonly plain: HttpHeaders
  readonly post: HttpHeaders
}

export interface PostedEvents {
  readonly headers: PostedHeaders
  /** The first sign of the gateway. */
  head(head: ResponseHead): void
  message(message: Message): void
  end(end: End): void
}

export class Posted {
  readonly #target: HttpTarget
  readonly #events: PostedEvents
  readonly #flows: Flows
  readonly #request: Message
  readonly #inSession: boolean
  #handle: HttpHandle
  #lastEventId: string | undefined
  #resumes = 0
  #over = false

  constructor(target: HttpTarget, request: Message, flows: Flows, events: PostedEvents, extra?: HttpHeaders) {
    this.#target = target
    this.#request = request
    this.#flows = flows
    this.#events = events
    const { post, session } = events.headers
    this.#inSession = session !== undefined
    this.#handle = httpRequest(target, {
      method: 'POST',
      headers: extra ? { ...post, ...extra } : post,
      body: [request.bytes],
      response: (head, flow) => this.#answer(head, flow),
      error: (error) => this.#end(error.unsent ? 'untaken' : 'interrupted', error.message),
    })
  }

  /** Gives the request up: nothing more is heard of it, and in the stateless era that is how the gateway learns of it. */
  abort(): void {
    this.#over = true
    this.#handle.destroy()
  }

  #answer(head: ResponseHead, flow: Flow): HttpReader | undefined {
    this.#events.head(head)
    if (head.status === 404 && this.#inSession) return this.#end('untaken', 'the gateway no longer knows the session')
    const type = (head.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
    if (head.status === 200 && type === 'text/event-stream') return this.#stream(flow)
    return bodyReader(MESSAGE_BYTES_MAX, (body = Buffer.alloc(0)) => {
      this.#read(body)
      if (this.#over) return
      if (head.status === 202) this.#end('over')
      else this.#end('refused', refusal(head.status, body))
    })
  }

  #stream(flow: Flow): HttpReader {
    const leave = this.#flows.add(flow)
    const parser = new EventStreamParser(MESSAGE_BYTES_MAX, {
      event: (event) => {
        this.#lastEventId = event.id ?? this.#lastEventId
        if (event.data.length > 0) this.#read(event.data)
      },
      overflow: () => this.#end('refused', 'the answer is larger than 64 MB'),
    })
    const data = (chunk: Buffer): void => {
      this.#resumes = 0
      parser.push(chunk)
    }
    const ended = (): void => {
      leave()
      if (!this.#over) this.#resume()
    }
    return { data, end: ended, broken: ended }
  }

  /** A stream that broke off before the answer goes on by GET where its events had ids. */
  #resume(): void {
    const lastEventId = this.#lastEventId
    if (lastEventId === undefined || ++this.#resumes > RESUMES_MAX) return void this.#end('interrupted', 'the stream ended')
    const get = (): void => {
      if (this.#over) return
      this.#handle = httpRequest(this.#target, {
        method: 'GET',
        headers: { ...this.#events.headers.plain, accept: 'text/event-stream', 'last-event-id': lastEventId },
        response: ({ status }, flow) =>
          status === 200 ? this.#stream(flow) : this.#end('interrupted', 'the stream cannot be resumed'),
        error: (error) => this.#end('interrupted', error.message),
      })
    }
    setTimeout(get, RESUME_MS)
  }

  #read(bytes: Buffer): void {
    for (const message of readBatch(bytes) ?? [readMessage(bytes)]) {
      if (isMalformed(message) || this.#over) continue
      const answers = (message.kind === 'result' || message.kind === 'error') && message.id === this.#request.id
      if (answers && message.kind === 'error' && isFarewell(message)) return void this.#end('interrupted', 'it was stopped')
      if (answers) this.#over = true
      this.#events.message(message)
      if (answers) this.#events.end({ kind: 'over', message: '' })
    }
  }

  #end(kind: End['kind'], message = ''): undefined {
    if (this.#over) return
    this.#over = true
    this.#events.end({ kind, message })
  }
}

function refusal(status: number, body: Buffer): string {
  const message = readMessage(body)
  const said = !isMalformed(message) && message.kind === 'error' ? message.body.message : body.toString('utf8', 0, 200).trim()
  return `the gateway refused the request (${status}${said ? `: ${said}` : ''})`
}

/** What a client is told whose request may have run. */
export function interruption({ method, name }: Message, why: string): string {
  const what = name ? `${method} ${name}` : method
  return `the gateway went away while it worked on ${what}, which may have run (${why})`
}
