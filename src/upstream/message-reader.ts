/** Reads the messages in HTTP responses: JSON bodies whole, event streams as they come. */
import type { Log } from '../observe/log.ts'
import { EventStreamParser } from '../protocol/event-stream.ts'
import type { Message } from '../protocol/message.ts'
import { isMalformed, readBatch, readMessage } from '../protocol/read.ts'
import { TransientSet } from '../std/transient-set.ts'
import type { Flow } from './http-line.ts'
import { bodyReader, type HttpReader } from './http-request.ts'
import type { ServerOptions } from './options.ts'
import { MESSAGE_BYTES_MAX } from './stdio.ts'

export interface StreamSigns {
  /** Something came, if only a comment. */
  alive?(): void
  /** An event told its id, or the server asked for a pause before a reconnection. */
  seen(id: string | undefined, retryMs: number | undefined): void
  /** The stream is over. */
  ended(): void
}

export class MessageReader {
  readonly #name: string
  readonly #quirks: ServerOptions['quirks']
  readonly #log: Log
  readonly #deliver: (message: Message, request: number | undefined) => void
  readonly #streams = new TransientSet<Flow>()
  #paused = false

  /** `deliver` gets each message, with the request on whose stream it came. */
  constructor(
    name: string,
    quirks: ServerOptions['quirks'],
    log: Log,
    deliver: (message: Message, request: number | undefined) => void,
  ) {
    this.#name = name
    this.#quirks = quirks
    this.#log = log
    this.#deliver = deliver
  }

  /** Reads an event stream to its end, or until the connection breaks. */
  stream(request: number | undefined, flow: Flow, signs: StreamSigns): HttpReader {
    const parser = this.#parser(request, signs)
    const leave = this.#streams.add(flow)
    if (this.#paused) flow.pause()
    const over = (): void => {
      leave()
      signs.ended()
    }
    const data = (chunk: Buffer): void => {
      signs.alive?.()
      parser.push(chunk)
    }
    return { data, end: over, broken: over }
  }

  /** Reads a body of JSON, which is to be the answer to a request; `fail` is told what it is instead, in words that follow the server's name. */
  body(request: number, { alive, fail }: { alive(): void; fail(reason: string): void }): HttpReader {
    const body = bodyReader(MESSAGE_BYTES_MAX, (whole) => {
      if (!whole) return fail(`answered with more than ${MESSAGE_BYTES_MAX / 1_048_576} MB`)
      this.read(whole, request)
      // Without effect where that was the answer.
      fail('answered with JSON that is not the answer to the request')
    })
    const data = (chunk: Buffer): void => {
      alive()
      body.data(chunk)
    }
    return { ...body, data }
  }

  /** Reads a message, or the batch that a server of 2025-03-26 may send. */
  read(bytes: Buffer, request: number | undefined): void {
    for (const message of readBatch(bytes) ?? [readMessage(bytes)]) {
      if (!isMalformed(message)) this.#deliver(message, request)
      else
        this.#log.warn({ server: this.#name, text: bytes.toString('utf8', 0, 200) }, 'a message is no JSON-RPC and was skipped')
    }
  }

  #parser(request: number | undefined, signs: StreamSigns): EventStreamParser {
    const lenient = this.#quirks.normalize_sse_events
    return new EventStreamParser(MESSAGE_BYTES_MAX, {
      event: (event) => {
        if (event.id !== undefined) signs.seen(event.id, undefined)
        const named = event.name === '' || event.name === 'message' || lenient
        if (named && event.data.length > 0) this.read(event.data, request)
      },
      retry: (ms) => signs.seen(undefined, ms),
      stray: (line) => {
        if (lenient && line[0] === 0x7b) this.read(line, request)
      },
      overflow: (bytes) => this.#log.warn({ server: this.#name, bytes }, 'an event is too long and was dropped'),
    })
  }

  pause(): void {
    this.#paused = true
    for (const stream of this.#streams) stream.pause()
  }

  resume(): void {
    this.#paused = false
    for (const stream of this.#streams) stream.resume()
  }
}
