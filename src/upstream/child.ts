/** Starts and ends the process of a stdio server: its own process group, no shell. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { existsSync } from 'node:fs'
import spawn from 'cross-spawn'
import { GatewayError } from '../protocol/errors.ts'
import type { ServerOptions } from './options.ts'
import { endGroup, signalGroup } from './process-group.ts'
import type { Program } from './program.ts'

export type ChildProcess = ChildProcessWithoutNullStreams & { readonly pid: number }

/** Between the steps of an orderly stop: end of stdin, SIGTERM, SIGKILL. */
const STOP_STEP_MS = 2_000

export interface SpawnSetup {
  /** The server, for messages. */
  name: string
  options: ServerOptions
  program: Program
  cwd: string | undefined
  env: Record<string, string>
  /** Told of the process in the same turn in which it starts. */
  spawned(child: ChildProcess): void
}

/** Starts a program; resolves when it runs. */
export async function spawnChild({ name, options, program, cwd, env, spawned }: SpawnSetup): Promise<ChildProcess> {
  if (cwd !== undefined && !existsSync(cwd)) {
    throw new GatewayError(
      'unavailable',
      `${name}: cannot start: the folder ${options.cwd} does not exist; mend servers.${name}.cwd`,
    )
  }
  const child = begin({ name, options, program, cwd, env })
  if (child.pid !== undefined) spawned(child)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error: NodeJS.ErrnoException) => reject(startError(name, options, env, error)))
  })
  return child
}

function begin({ name, options, program, cwd, env }: Omit<SpawnSetup, 'spawned'>): ChildProcess {
  try {
    return spawn(program.command, program.args, {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...(cwd !== undefined && { cwd }),
    }) as ChildProcess
  } catch (error) {
    // What Node refuses to hand to the system, such as a text with a null byte in it.
    throw startError(name, options, env, error as NodeJS.ErrnoException)
  }
}

/** Ends a child and its group: end of stdin, then SIGTERM, then SIGKILL, each only where the one before was not enough. */
export async function stopChild(child: ChildProcess): Promise<void> {
  const gone = new Promise<boolean>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(true)
    else child.once('exit', () => resolve(true))
  })
  child.stdin.end()
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (await Promise.race([gone, pause(STOP_STEP_MS)])) break
    signalGroup(child.pid, signal)
  }
  await Promise.race([gone, pause(STOP_STEP_MS)])
  // A wrapper may be gone while what it started lives on.
  await endGroup(child.pid)
}

function startError(
  name: string,
  options: ServerOptions,
  env: Record<string, string>,
  error: NodeJS.ErrnoException,
): GatewayError {
  const because: Record<string, string> = {
    ENOENT: String(options.command).includes('/')
      ? `there is no such file; mend servers.${name}.command`
      : `it was not found in PATH (${env.PATH ?? 'which is empty'}); install it or give its full path in servers.${name}.command`,
    EACCES: `it is not executable; mend its mode or servers.${name}.command`,
  }
  const reason = because[error.code ?? ''] ?? error.message
  return new GatewayError('unavailable', `${name}: cannot start "${options.command}": ${reason}`, { cause: error })
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false).unref())
}
