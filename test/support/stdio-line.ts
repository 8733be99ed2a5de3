/** A client that writes lines of its own to the stdin of `mcp-gw serve --stdio`. */
import { mcpGw } from './gateway.ts'
import { type Running, until } from './processes.ts'

export class Line {
  readonly running: Running

  constructor(file: string) {
    this.running = mcpGw(['serve', '--stdio', '--config', file, '--log-level', 'debug'])
  }

  write(text: string): void {
    this.running.child.stdin?.write(`${text}\n`)
  }

  get lines(): string[] {
    return this.running.stdout().split('\n').slice(0, -1)
  }

  /** Waits for the answer under this id, given as JSON text. */
  answer(id: string): Promise<Record<string, unknown>> {
    const look = () => this.lines.find((line) => isAnswer(JSON.parse(line), JSON.parse(id)))
    const found = until(look, `no answer to ${id}; the last lines are\n${this.lines.slice(-3).join('\n')}`, {
      running: this.running,
    })
    return found.then((line) => JSON.parse(line) as Record<string, unknown>)
  }

  async open(capabilities: object = {}): Promise<Record<string, unknown>> {
    const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'line', version: '1' } }
    this.write(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }))
    const answer = await this.answer('0')
    this.write('{"jsonrpc":"2.0","method":"notifications/initialized"}')
    return answer
  }

  call(id: string, name: string, args: object = {}): Promise<Record<string, unknown>> {
    this.write(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${JSON.stringify({ name, arguments: args })}}`)
    return this.answer(id)
  }

  /** Closes stdin; resolves with the exit code. */
  async close(): Promise<number | NodeJS.Signals> {
    this.running.child.stdin?.end()
    return this.running.exited
  }
}

function isAnswer(message: Record<string, unknown>, id: unknown): boolean {
  return message.id === id && message.method === undefined
}
