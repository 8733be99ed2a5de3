/** The client at stdin and stdout: messages line by line, and nothing on stdout that is no JSON-RPC. */
import type { Readable, Writable } from 'node:stream'
import { type Chunks, type Message, oneLine } from '../../protocol/message.ts'
import { errorReply, isMalformed, readBatch, readMessage } from '../../protocol/read.ts'
import { LineSplitter } from '../../std/lines.ts'
import type { Flows } from './flows.ts'

const LINE_BYTES_MAX = 64 * 1_048_576
const NEWLINE = Buffer.from('\n')

export class ClientPipe {
  readonly #input: Readable
  readonly #output: Writable
  readonly #flows: Flows

  constructor(input: Readable, output: Writable, flows: Flows) {
    this.#input = input
    this.#output = output
    this.#flows = flows
  }

  /** Hands over each message until the client closes its end. What is no message is answered here. */
  serve(message: (message: Message) => void): Promise<void> {
    const lines = new LineSplitter(LINE_BYTES_MAX, {
      line: (line) => this.#line(line, message),
      overflow: () => this.send(errorReply(-32600, 'the message is larger than 64 MB').withId('null')),
    })
    return new Promise((resolve) => {
      this.#input.on('data', (chunk: Buffer) => lines.push(chunk))
      this.#input.once('end', resolve)
      this.#input.once('close', resolve)
      // EPIPE: the client is gone without closing our input first.
      this.#output.on('error', () => resolve())
    })
  }

  send(message: Chunks): void {
    this.#output.cork()
    for (const chunk of oneLine(message)) this.#output.write(chunk)
    this.#output.write(NEWLINE)
    this.#output.uncork()
    if (this.#output.writableNeedDrain && !this.#input.isPaused()) this.#wait()
  }

  /** A client that does not read is not read either, nor is what the gateway sends it. */
  #wait(): void {
    this.#input.pause()
    this.#flows.pause()
    this.#output.once('drain', () => {
      this.#input.resume()
      this.#flows.resume()
    })
  }

  #line(line: Buffer, take: (message: Message) => void): void {
    if (line.toString('latin1', 0, 64).trim() === '' && line.toString().trim() === '') return
    for (const message of readBatch(line) ?? [readMessage(line)]) {
      if (isMalformed(message)) this.send(errorReply(message.code, message.message).withId(message.id))
      else take(message)
    }
  }
}
