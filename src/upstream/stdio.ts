/** The connection to a server that is a child process: one JSON-RPC message a line (specification: Transports, stdio). */
import type { Log } from '../observe/log.ts'
import { GatewayError } from '../protocol/errors.ts'
import { type Chunks, oneLine } from '../protocol/message.ts'
import { isMalformed, readMessage } from '../protocol/read.ts'
import { LineSplitter } from '../std/lines.ts'
import type { Child, Children } from './children.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import type { ServerOptions } from './options.ts'

/** The largest message in either direction. */
export const MESSAGE_BYTES_MAX = 160 * 1_048_576

/** A program that leaves so much unread is given no more. */
const BACKLOG_BYTES_MAX = 64 * 1_048_576

/** How long the last output of a program that has exited may take to arrive. */
const DRAIN_MS = 200

const STDERR_LINES_MAX = 200
const STDERR_LINE_BYTES_MAX = 64 * 1_024
const NEWLINE = Buffer.from('\n')

export class StdioConnection implements Connection {
  readonly transport = 'stdio'
  readonly stderr: string[] = []
  readonly #name: string
  readonly #options: ServerOptions
  readonly #log: Log
  readonly #children: Children
  #child: Child | undefined
  #events: ConnectionEvents | undefined
  #stopping: Promise<void> | undefined
  #corked = false
  #up = false
  /** Requests that came when the program took no input any more: told of when it is known how it ended. */
  readonly #unsent: number[] = []

  constructor(name: string, options: ServerOptions, children: Children, log: Log) {
    this.#name = name
    this.#options = options
    this.#children = children
    this.#log = log
  }

  get pid(): number | undefined {
    return this.#child?.process.pid
  }

  async open(events: ConnectionEvents): Promise<void> {
    const started = await this.#children.start(this.#name, this.#options)
    const child = started.process
    this.#child = started
    this.#events = events
    const stdout = new LineSplitter(MESSAGE_BYTES_MAX, {
      line: (line) => this.#receive(line),
      overflow: (bytes) => this.#log.warn({ server: this.#name, bytes }, 'a line on stdout is too long and was dropped'),
    })
    const stderr = new LineSplitter(STDERR_LINE_BYTES_MAX, {
      line: (line) => this.#keep(line),
      overflow: () => this.#keep(Buffer.from('(a very long line)')),
    })
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    // EPIPE here means that the child is going; its exit says why.
    child.stdin.on('error', (error) => this.#log.debug({ server: this.#name, err: error }, 'stdin closed'))
    // A grandchild may hold the pipes open, so that `close` never comes; what was written is read by then.
    child.once('exit', (code, signal) => setTimeout(() => this.#closed(code, signal), DRAIN_MS).unref())
    child.once('close', (code, signal) => this.#closed(code, signal))
    child.stdin.once('close', () => setTimeout(() => this.#hungUp(started, 'stdin'), DRAIN_MS).unref())
    child.stdout.once('end', () => setTimeout(() => this.#hungUp(started, 'stdout'), DRAIN_MS).unref())
    if (this.#stopping !== undefined) {
      await started.stop()
      throw new GatewayError('unavailable', `${this.#name} was stopped while it started`)
    }
  }

  send(message: Chunks, request?: number): void {
    const stdin = this.#child?.process.stdin
    if (!stdin?.writable) return void (request !== undefined && this.#unsent.push(request))
    if (stdin.writableLength > BACKLOG_BYTES_MAX) return this.#refuse(request)
    // The first message of a turn of the event loop leaves at once; those that follow in the same turn leave together.
    if (this.#corked) stdin.cork()
    else {
      this.#corked = true
      setImmediate(() => {
        this.#corked = false
        while (stdin.writableCorked > 0) stdin.uncork()
      })
    }
    for (const chunk of withNewline(oneLine(message))) stdin.write(chunk)
  }

  speak(): void {
    // Nothing on a pipe depends on the version.
  }

  initialized(): void {
    // The pipe is open in both directions from the start; how the program was started has proved to be right.
    this.#up = true
    this.#child?.proved()
  }

  forget(): void {
    // The line is written; the notification that goes with it says the rest.
  }

  reset(): void {
    // A process has no session to lose.
  }

  pause(): void {
    this.#child?.process.stdout.pause()
  }

  resume(): void {
    this.#child?.process.stdout.resume()
  }

  close(): Promise<void> {
    this.#stopping ??= this.#child ? this.#child.stop() : Promise.resolve()
    return this.#stopping
  }

  #receive(line: Buffer): void {
    if (line.length === 0) return
    const message = readMessage(line)
    if (!isMalformed(message)) return this.#events?.message(message, undefined)
    const start = line.toString('utf8', 0, 200)
    if (start.trim() !== '')
      this.#log.warn({ server: this.#name, line: start }, 'a line on stdout is no JSON-RPC message and was skipped')
  }

  #keep(line: Buffer): void {
    const text = line.toString('utf8').trimEnd()
    if (text === '') return
    this.stderr.push(text)
    if (this.stderr.length > STDERR_LINES_MAX) this.stderr.shift()
    this.#log.debug({ server: this.#name, stderr: text }, 'stderr')
  }

  #refuse(request: number | undefined): void {
    const error = new GatewayError('overloaded', `${this.#name} does not read its input; try again later`)
    // Asynchronous like every other failure, so that callers need only one path.
    if (request !== undefined) queueMicrotask(() => this.#events?.failed(request, error))
  }

  /** A program that has closed a pipe can take or answer nothing any more; where it lives on, it is ended. */
  #hungUp({ process: child }: Child, pipe: 'stdin' | 'stdout'): void {
    const events = this.#events
    if (!events || this.#stopping !== undefined) return
    if (child.exitCode !== null || child.signalCode !== null) return this.#closed(child.exitCode, child.signalCode)
    this.#events = undefined
    void this.close()
    events.closed(new GatewayError('interrupted', `${this.#name} closed its ${pipe}${stderrTail(this.stderr)}`), this.#unsent)
  }

  #closed(code: number | null, signal: NodeJS.Signals | null): void {
    const events = this.#events
    this.#events = undefined
    const how = signal ? `was ended by ${signal}` : `exited with code ${code}`
    // One that ends by itself before it is up would do so again at once.
    const kind = this.#up || signal ? 'interrupted' : 'unavailable'
    events?.closed(new GatewayError(kind, `${this.#name} ${how}${stderrTail(this.stderr)}`), this.#unsent)
  }
}

/** The last lines of stderr as the end of an error message. */
export function stderrTail(lines: readonly string[], count = 5): string {
  return lines.length === 0 ? ' without a word on stderr' : `; its last words on stderr:\n  ${lines.slice(-count).join('\n  ')}`
}

/** The message with its line feed: small ones in one piece, large ones without a copy. */
function withNewline(line: Chunks): Chunks {
  const [only] = line
  if (line.length > 1 || only === undefined) return [...line, NEWLINE]
  const out = Buffer.allocUnsafe(only.length + 1)
  only.copy(out)
  out[only.length] = 0x0a
  return [out]
}
