/** Starts programs for tests and ends them, and knows whether a process is still there. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll } from 'vitest'

export const PROJECT = join(import.meta.dirname, '..', '..')
const START_MS = 15_000
const STOP_MS = 15_000
const STDERR_LINES = 30

// What a gateway under test remembers must neither come from the person who runs the tests nor stay with them.
const stateHome = mkdtempSync(join(tmpdir(), 'mcp-gw-state-'))
process.env.XDG_STATE_HOME = stateHome
process.env.XDG_CACHE_HOME = stateHome

const started = new Set<ChildProcess>()
// A test that fails before its end must leave nothing behind. The runner ends its workers without an exit event.
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(stateHome, { recursive: true, force: true })
})

/** A program that runs, and everything it has written. */
export interface Running {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** The exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv
  cwd?: string
}

export function run(command: string, args: readonly string[], { env, cwd = PROJECT }: RunOptions = {}): Running {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  started.add(child)
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text
    })
  }
  // A program that is gone does not read any more; its exit says why.
  child.stdin.on('error', () => undefined)
  const exited = once(child, 'close').then(([code, signal]) => {
    started.delete(child)
    return (code ?? signal) as number | NodeJS.Signals
  })
  return { child, stdout: () => written.stdout, stderr: () => written.stderr, exited }
}

/** Runs a program to its end. */
export async function finish(running: Running): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> {
  running.child.stdin?.end()
  const code = await running.exited
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}

/** Waits until `look` finds something. Fails with `what`, and with what the program said, where that does not come. */
export async function until<Found>(
  look: () => Found | undefined | Promise<Found | undefined>,
  what: string,
  options: { ms?: number; running?: Running } = {},
): Promise<Found> {
  const end = Date.now() + (options.ms ?? START_MS)
  const { child } = options.running ?? {}
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    const gone = child !== undefined && (child.exitCode !== null || child.signalCode !== null)
    if (gone || Date.now() > end) {
      const words = options.running?.stderr().split('\n').slice(-STDERR_LINES).join('\n') ?? ''
      throw new Error(`${what}${gone ? ' (it has ended)' : ''}\n${words}`)
    }
    await sleep(10)
  }
}

/** Ends a program by a signal, at last by SIGKILL; resolves with its exit code or the signal that ended it. */
export async function stop({ child, exited }: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  const code = await exited
  clearTimeout(timer)
  return code
}

/** Whether any process of the group that this one leads is alive. Those that only wait to be reaped are not. */
export function groupLives(pid: number): boolean {
  if (!existsSync('/proc/self/stat')) return answers(pid) || answers(-pid)
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && isMember(name, pid))
}

/** The processes that the process with this pid has started itself. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

function answers(target: number): boolean {
  try {
    process.kill(target, 0)
    return true
  } catch {
    return false
  }
}

/** `/proc/PID/stat` is `pid (name) state ppid pgrp …`, where the name may hold anything. */
function isMember(name: string, pid: number): boolean {
  try {
    const [, state, , group] = /^.*\) (\w) (\d+) (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? []
    return (Number(name) === pid || Number(group) === pid) && state !== 'Z' && state !== 'X'
  } catch {
    // It has ended while we looked.
    return false
  }
}

/** The program of an installed MCP server package, without npx. */
export function program(name: 'everything' | 'filesystem' | 'memory'): string {
  const manifest = createRequire(import.meta.url).resolve(`@modelcontextprotocol/server-${name}/package.json`)
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> }
  return join(dirname(manifest), Object.values(bin)[0] as string)
}

/** The path of a file below test/fixtures. */
export function fixture(name: string): string {
  return join(PROJECT, 'test', 'fixtures', name)
}
