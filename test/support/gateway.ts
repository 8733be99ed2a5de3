/** Starts the built gateway as a person would, watches its children, and ends it as a service manager would. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Health } from '../../src/downstream/health.ts'
import { fixture, groupLives, PROJECT, program, type Running, type RunOptions, run, stop, until } from './processes.ts'

const BIN = join(PROJECT, 'bin', 'mcp-gw.js')
/** How long a process may take to vanish after the gateway has ended. */
const GONE_MS = 500

export interface GatewayConfig {
  servers: Record<string, object>
  memory?: string
  listen?: object
  sessions?: object
  stateless?: object
  catalog?: object
  surface?: object
  profiles?: object
  results?: object
  clients?: object
  shutdown?: object
  log?: object
}

/** A server entry that starts a fixture. */
export function fixtureServer(name: string, ...args: string[]): { command: string; args: string[] } {
  return { command: process.execPath, args: [fixture(name), ...args] }
}

/** A server entry that starts an installed server package. */
export function packageServer(name: 'everything' | 'filesystem' | 'memory', ...args: string[]) {
  return { command: process.execPath, args: [program(name), ...args] }
}

/** Runs a command of mcp-gw. */
export function mcpGw(args: readonly string[], options?: RunOptions): Running {
  return run(process.execPath, [BIN, ...args], options)
}

const folders = new Set<string>()
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true })
})

/** A folder that is gone after `remove`, or with the tests. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'mcp-gw-test-'))
  folders.add(path)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** The text of a config; JSON is YAML, so an object will do. Tests see every tool unless they say otherwise. */
export function configText(config: GatewayConfig): string {
  return JSON.stringify({ surface: { mode: 'direct' }, ...config }, null, 2)
}

/** Writes a config. */
export function writeConfig(folder: string, config: GatewayConfig | string): string {
  const file = join(folder, 'mcp-gw.yaml')
  writeFileSync(file, typeof config === 'string' ? config : configText(config))
  return file
}

export class Gateway {
  readonly running: Running
  readonly file: string
  /** The environment that its other commands need to find it: a state folder of its own. */
  readonly env: { XDG_STATE_HOME: string }
  origin: string
  readonly #remove: () => void

  private constructor(
    running: Running,
    origin: string,
    { file, env, remove }: Pick<Gateway, 'file' | 'env'> & { remove(): void },
  ) {
    this.running = running
    this.origin = origin
    this.file = file
    this.env = env
    this.#remove = remove
  }

  /** Starts the gateway and resolves once every server is up or has failed, unless `ready` is false. */
  static async start(
    config: GatewayConfig | { file: string },
    { ready = true, args = [] as string[], env = {} as NodeJS.ProcessEnv } = {},
  ): Promise<Gateway> {
    const folder = temporaryFolder()
    const own = { XDG_STATE_HOME: env.XDG_STATE_HOME ?? join(folder.path, 'state') }
    const file = 'file' in config ? config.file : writeConfig(folder.path, { listen: { port: 0 }, ...config })
    const running = mcpGw(['serve', '--config', file, ...args], { env: { ...own, ...env } })
    const url = await until(() => logged(running, 'listening')?.url, 'the gateway does not listen', { running })
    const gateway = new Gateway(running, new URL(String(url)).origin, { file, env: own, remove: folder.remove })
    if (ready) await gateway.settled()
    return gateway
  }

  /** The URL of the endpoint of all servers, or of one. */
  url(server?: string): string {
    return `${this.origin}/mcp${server === undefined ? '' : `/${server}`}`
  }

  async health(): Promise<Health> {
    return (await (await fetch(`${this.origin}/health`)).json()) as Health
  }

  /** The pids of every child at this moment. */
  async pids(): Promise<number[]> {
    const { servers } = await this.health()
    return servers.flatMap(({ instances }) => instances.flatMap(({ pid }) => pid ?? []))
  }

  async settled(): Promise<void> {
    const look = async () => ((await this.health()).servers.some(({ state }) => state === 'starting') ? undefined : true)
    await until(look, 'the servers do not start', { running: this.running })
  }

  /** Ends the gateway as a service manager would; fails unless that is in order and no child survives. */
  async stop(): Promise<void> {
    const pids = await this.pids()
    const code = await stop(this.running)
    this.#remove()
    if (code !== 0) throw new Error(`the gateway ended with ${code}\n${this.running.stderr()}`)
    await expectGone(pids)
  }
}

/** Fails where a process of these groups is alive a moment from now. */
export async function expectGone(pids: readonly number[]): Promise<void> {
  const look = () => (pids.some(groupLives) ? undefined : true)
  await until(look, `children have survived: ${pids.filter(groupLives).join(', ')}`, { ms: GONE_MS })
}

/** The first line of the log with this message. */
function logged(running: Running, message: string): Record<string, unknown> | undefined {
  return logLines(running).find((line) => line.message === message)
}

/** The log of a gateway, which is JSON where stderr is no terminal. */
export function logLines(running: Running): Record<string, unknown>[] {
  return running
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

export interface HttpServer {
  /** Its MCP endpoint. */
  url: string
  running: Running
  stop(): Promise<void>
}

/** Starts server-everything over HTTP, on loopback. */
export async function startEverything(mode: 'sse' | 'streamableHttp'): Promise<HttpServer> {
  const preload = join(PROJECT, 'test', 'support', 'loopback.mjs')
  const args = ['--import', preload, program('everything'), mode]
  return httpServer(run(process.execPath, args, { env: { PORT: '0' } }), mode === 'sse' ? 'sse' : 'mcp')
}

/** Starts the HTTP server that misbehaves. */
export async function startMisbehavingHttp(...args: string[]): Promise<HttpServer> {
  return httpFixture('misbehaving-http.mjs', ...args)
}

/** Starts a fixture that listens and says where. */
export function httpFixture(name: string, ...args: string[]): Promise<HttpServer> {
  return httpServer(run(process.execPath, [fixture(name), ...args]), '')
}

/** Starts the reference server over HTTP; it speaks both eras. */
export function startReference(): Promise<HttpServer> {
  return httpServer(run(process.execPath, [join(PROJECT, 'test', 'reference', 'server.mjs'), '--http']), '')
}

async function httpServer(running: Running, path: string): Promise<HttpServer> {
  const look = () => /^listening (\S+)$/m.exec(running.stdout())?.[1]
  const base = await until(look, 'the HTTP server does not listen', { running })
  return { url: base + path, running, stop: async () => void (await stop(running, 'SIGKILL')) }
}
