/** A folder with a config and a state of its own, in which bridges and gateways meet as they do on a person's machine. */
import { createServer } from 'node:net'
import { join } from 'node:path'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js'
import type { Health } from '../../src/downstream/health.ts'
import { type Answers, TestClient } from './clients.ts'
import { type GatewayConfig, mcpGw, temporaryFolder, writeConfig } from './gateway.ts'
import { finish, PROJECT, type Running, stop, until } from './processes.ts'

export class Machine {
  readonly folder = temporaryFolder()
  readonly state = join(this.folder.path, 'state')
  readonly env = { XDG_STATE_HOME: this.state }
  readonly port: number
  readonly config: string

  private constructor(port: number, config: GatewayConfig) {
    this.port = port
    this.config = this.configure(config)
  }

  static async with(config: GatewayConfig): Promise<Machine> {
    return new Machine(await freePort(), config)
  }

  configure(config: GatewayConfig): string {
    return writeConfig(this.folder.path, { listen: { port: this.port }, ...config })
  }

  /** Runs a command with this config. */
  run(...args: string[]): Running {
    return this.runWith({}, ...args)
  }

  /** Runs a command with this config, and with other variables. */
  runWith(env: NodeJS.ProcessEnv, ...args: string[]): Running {
    return mcpGw([...args, '--config', this.config], { env: { ...this.env, ...env } })
  }

  command(...args: string[]): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> {
    return finish(this.run(...args))
  }

  /** Starts the gateway in the foreground. */
  async serve(): Promise<Running> {
    const running = this.run('serve')
    await until(() => (running.stderr().includes('"listening"') ? true : undefined), 'the gateway does not listen', { running })
    return running
  }

  #transport(args: string[], more: Record<string, string> = {}, cwd = this.folder.path): StdioClientTransport {
    const bin = join(PROJECT, 'bin', 'mcp-gw.js')
    const env = { ...(process.env as Record<string, string>), ...this.env, ...more }
    return new StdioClientTransport({
      command: process.execPath,
      args: [bin, 'connect', '--config', this.config, ...args],
      env,
      cwd,
      stderr: 'pipe',
    })
  }

  /** A client behind a bridge. */
  connect(
    capabilities?: ClientCapabilities,
    answers?: Answers,
    args: string[] = [],
    env: Record<string, string> = {},
  ): Promise<TestClient> {
    return TestClient.over(this.#transport(args, env), capabilities, answers)
  }

  /** A client behind a bridge that was started in this folder. */
  connectIn(folder: string, capabilities?: ClientCapabilities, answers?: Answers): Promise<TestClient> {
    return TestClient.over(this.#transport([], {}, folder), capabilities, answers)
  }

  /** What `mcp-gw status` says. */
  async status(): Promise<{ running: boolean; url: string; pid?: number; health?: Health }> {
    return JSON.parse((await this.command('status', '--json')).stdout)
  }

  async remove(): Promise<void> {
    await this.command('stop')
    this.folder.remove()
  }
}

/** A bridge whose every line is the test's. */
export class RawBridge {
  readonly running: Running

  constructor(machine: Machine, ...args: string[]) {
    this.running = machine.run('connect', ...args)
  }

  write(...lines: string[]): void {
    this.running.child.stdin?.write(lines.map((line) => `${line}\n`).join(''))
  }

  get messages(): Record<string, unknown>[] {
    return this.running
      .stdout()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  find(matches: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    return until(() => this.messages.find(matches), `no such message; there were ${this.running.stdout()}`, {
      running: this.running,
    })
  }

  /** The answer under this id, given as JSON text. */
  answer(id: string): Promise<Record<string, unknown>> {
    return this.find((message) => JSON.stringify(message.id) === id && !('method' in message))
  }

  async open(capabilities: object = {}): Promise<Record<string, unknown>> {
    const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'raw', version: '1' } }
    this.write(JSON.stringify({ jsonrpc: '2.0', id: 'open', method: 'initialize', params }))
    const answer = await this.answer('"open"')
    this.write('{"jsonrpc":"2.0","method":"notifications/initialized"}')
    return answer
  }

  request(id: string, method: string, params: object = {}): Promise<Record<string, unknown>> {
    this.write(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${JSON.stringify(params)}}`)
    return this.answer(id)
  }

  call(id: string, name: string, args: object = {}): Promise<Record<string, unknown>> {
    return this.request(id, 'tools/call', { name, arguments: args })
  }

  close(): Promise<number | NodeJS.Signals> {
    this.running.child.stdin?.end()
    return this.running.exited
  }

  kill(): Promise<number | NodeJS.Signals> {
    return stop(this.running, 'SIGKILL')
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
