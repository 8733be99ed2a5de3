/** Serves one client over stdio: its messages come line by line, and every line we write is JSON-RPC. */
import { randomUUID } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import type { Endpoint } from '../gateway/endpoint.ts'
import type { Engine } from '../gateway/engine.ts'
import type { Outlet } from '../gateway/questions.ts'
import type { Session } from '../gateway/session.ts'
import { GatewayError, toReply } from '../protocol/errors.ts'
import { type Chunks, type Malformed, type Message, oneLine } from '../protocol/message.ts'
import { isMalformed, readBatch, readMessage } from '../protocol/read.ts'
import { LineSplitter } from '../std/lines.ts'
import { StatelessLine } from './stateless-stdio.ts'
import { malformedReply } from './streamable-http.ts'

const LINE_BYTES_MAX = 64 * 1_048_576
const NEWLINE = Buffer.from('\n')

export interface StdioSetup {
  engine: Engine
  endpoint: Endpoint
  input: Readable
  output: Writable
  /** The folder that the client has started us in. */
  folder: string | undefined
}

export class StdioClient implements Outlet {
  readonly #engine: Engine
  readonly #endpoint: Endpoint
  readonly #input: Readable
  readonly #output: Writable
  readonly #folder: string | undefined
  readonly #stateless: StatelessLine
  #session: Session | undefined
  /** What comes while the session opens waits for it. */
  #opening: Promise<void> = Promise.resolve()

  constructor({ engine, endpoint, input, output, folder }: StdioSetup) {
    this.#engine = engine
    this.#endpoint = endpoint
    this.#input = input
    this.#output = output
    this.#folder = folder
    this.#stateless = new StatelessLine(engine, { door: endpoint, wishes: {}, folder, connection: randomUUID() }, this)
  }

  /** Serves until the client closes its end. */
  serve(): Promise<void> {
    const lines = new LineSplitter(LINE_BYTES_MAX, {
      line: (line) => this.#line(line),
      overflow: () => this.send(toReply(new GatewayError('too_large', 'the message is larger than 64 MB')).withId('null')),
    })
    return new Promise((resolve) => {
      this.#input.on('data', (chunk: Buffer) => lines.push(chunk))
      this.#input.once('end', resolve)
      this.#input.once('close', resolve)
      // EPIPE: the client is gone without closing our input first.
      this.#output.once('error', () => resolve())
    })
  }

  send(message: Chunks): void {
    this.#output.cork()
    for (const chunk of oneLine(message)) this.#output.write(chunk)
    this.#output.write(NEWLINE)
    this.#output.uncork()
    if (this.#output.writableNeedDrain && !this.#input.isPaused()) this.#wait()
  }

  /** A client that does not read is not read either, nor are the servers that talk to it. */
  #wait(): void {
    const session = this.#session
    this.#input.pause()
    if (session) this.#engine.pause(session)
    this.#output.once('drain', () => {
      this.#input.resume()
      if (session) this.#engine.resume(session)
    })
  }

  #line(line: Buffer): void {
    if (line.toString('latin1', 0, 64).trim() === '' && line.toString().trim() === '') return
    for (const message of readBatch(line) ?? [readMessage(line)]) void this.#take(message)
  }

  async #take(message: Message | Malformed): Promise<void> {
    if (isMalformed(message)) return this.send(malformedReply(message))
    if (message.claimStart >= 0 && message.kind === 'request') {
      const answer = await this.#stateless.answer(message)
      return answer && this.send(answer)
    }
    if (message.method === 'notifications/cancelled' && this.#stateless.cancel(message)) return
    if (message.method === 'initialize' && message.kind === 'request' && !this.#session) {
      this.#opening = this.#open(message)
      return
    }
    await this.#opening
    const session = this.#session
    if (!session) return message.kind === 'request' ? this.send(refusal(message)) : undefined
    const answer = await this.#engine.receive(session, message, this)
    if (answer) this.send(answer)
  }

  async #open(message: Message): Promise<void> {
    try {
      const { session, answer } = await this.#engine.open({
        door: this.#endpoint,
        initialize: message,
        outlet: this,
        folder: this.#folder,
      })
      session.attached = true
      this.#session = session
      this.send(answer)
    } catch (error) {
      this.send(toReply(error).withId(message.id))
    }
  }
}

function refusal(message: Message): Chunks {
  if (message.method === 'ping') return toReply(new GatewayError('invalid_request', 'initialize first')).withId(message.id)
  const code = message.method === 'server/discover' ? 'method_not_found' : 'invalid_request'
  return toReply(
    new GatewayError(code, code === 'method_not_found' ? `Method not found: ${message.method}` : 'initialize first'),
  ).withId(message.id)
}
