/** The answer to one stateless POST: JSON, or an event stream as soon as something precedes the answer. It cannot be resumed. */
import type { ServerResponse } from 'node:http'
import type { Outlet } from '../gateway/questions.ts'
import type { StatelessReply } from '../gateway/stateless/request.ts'
import { messageEvent } from '../protocol/event-stream.ts'
import type { Chunks } from '../protocol/message.ts'
import { sendJson } from './answer.ts'
import { STREAM_HEADERS } from './event-log.ts'

/** A client that lets this much pile up is cut off, which takes its request back. */
const BACKLOG_BYTES_MAX = 16 * 1_048_576

export class StatelessStream implements Outlet {
  readonly #res: ServerResponse
  readonly #takes: { readonly json: boolean; readonly stream: boolean }

  constructor(res: ServerResponse, takes: { json: boolean; stream: boolean }) {
    this.#res = res
    this.#takes = takes
  }

  /** Sends something before the answer; a client that takes no stream does not get it. */
  send(message: Chunks): void {
    if (this.#takes.stream) this.#write(message)
  }

  finish({ status, message }: StatelessReply): void {
    const res = this.#res
    // Once a stream is open its status is said, and errors travel in it.
    if (!res.headersSent && (this.#takes.json || status !== 200)) return sendJson(res, status, message)
    this.#write(message)
    res.end()
  }

  #write(message: Chunks): void {
    const res = this.#res
    if (!res.headersSent) res.writeHead(200, STREAM_HEADERS)
    // Asked before writing: what piles up shows that a client does not read, the size of one message does not.
    if (res.writableLength > BACKLOG_BYTES_MAX) return void res.destroy()
    res.cork()
    for (const chunk of messageEvent(message)) res.write(chunk)
    res.uncork()
  }
}
