/** A response that keeps what is written, for streams whose client reads as fast or as slowly as a test wants. */
import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

export class FakeResponse extends EventEmitter {
  text = ''
  status = 0
  headers: Record<string, unknown> = {}
  ended = false
  destroyed = false
  /** Bytes that the client has not read yet. */
  writableLength = 0
  /** Whether the client reads at all. */
  reads = true

  writeHead(status: number, headers: Record<string, unknown> = {}): this {
    if (this.status !== 0) throw new Error('the head is written already')
    this.status = status
    this.headers = headers
    return this
  }

  write(data: string | Buffer): boolean {
    if (this.ended) throw new Error('write after end')
    this.text += data.toString()
    if (!this.reads) this.writableLength += data.length
    return this.reads
  }

  end(data?: string | Buffer): this {
    if (data !== undefined) this.write(data)
    this.ended = true
    this.close()
    return this
  }

  destroy(): this {
    this.destroyed = true
    this.close()
    return this
  }

  cork(): void {
    // Nothing is held back here.
  }

  uncork(): void {
    // Nothing was held back.
  }

  /** The data of the events so far. */
  get data(): string[] {
    return [...this.text.matchAll(/^data: (.+)$/gm)].map((match) => match[1] as string)
  }

  /** The ids of the events so far. */
  get ids(): string[] {
    return [...this.text.matchAll(/^id: (.+)$/gm)].map((match) => match[1] as string)
  }

  /** As what the code under test takes. */
  get asResponse(): ServerResponse {
    return this as unknown as ServerResponse
  }

  private close(): void {
    queueMicrotask(() => this.emit('close'))
  }
}

export function fakeRequest(headers: Record<string, string | undefined>): IncomingMessage {
  return { headers } as unknown as IncomingMessage
}
