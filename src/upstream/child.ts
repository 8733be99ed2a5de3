/** Starts and ends the process of a stdio server: its own process group, no shell, a minimal environment. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { existsSync } from 'node:fs'
import spawn from 'cross-spawn'
import { GatewayError } from '../protocol/errors.ts'
import { reveal } from '../std/secret.ts'
import type { ServerOptions } from './options.ts'

/** What every child gets of our environment; anything else must stand in its entry. */
const INHERITED =
  process.platform === 'win32'
    ? [
        'APPDATA',
        'HOMEDRIVE',
        'HOMEPATH',
        'LOCALAPPDATA',
        'PATH',
        'PATHEXT',
        'PROCESSOR_ARCHITECTURE',
        'PROGRAMFILES',
        'SYSTEMDRIVE',
        'SYSTEMROOT',
        'TEMP',
        'TMP',
        'USERNAME',
        'USERPROFILE',
      ]
    : [
        'HOME',
        'LANG',
        'LC_ALL',
        'LC_CTYPE',
        'LOGNAME',
        'PATH',
        'SHELL',
        'TERM',
        'TMPDIR',
        'TZ',
        'USER',
        'XDG_CACHE_HOME',
        'XDG_CONFIG_HOME',
        'XDG_DATA_HOME',
        'XDG_RUNTIME_DIR',
      ]

export type Child = ChildProcessWithoutNullStreams & { readonly pid: number }

/** Between the steps of an orderly stop: end of stdin, SIGTERM, SIGKILL. */
const STOP_STEP_MS = 2_000

/** Starts the program of a server; resolves when it runs. */
export async function startChild(name: string, options: ServerOptions): Promise<Child> {
  const command = reveal(options.command ?? '')
  const cwd = options.cwd === undefined ? undefined : reveal(options.cwd)
  const env = environment(options)
  if (cwd !== undefined && !existsSync(cwd)) {
    throw new GatewayError(
      'unavailable',
      `${name}: cannot start: the folder ${options.cwd} does not exist; mend servers.${name}.cwd`,
    )
  }
  const child = spawn(command, options.args.map(reveal), {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
    ...(cwd !== undefined && { cwd }),
  }) as ChildProcessWithoutNullStreams
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error: NodeJS.ErrnoException) => reject(startError(name, options, env, error)))
  })
  return child as Child
}

/** Ends a child and its group: end of stdin, then SIGTERM, then SIGKILL, each only where the one before was not enough. */
export async function stopChild(child: Child): Promise<void> {
  const gone = new Promise<boolean>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(true)
    else child.once('exit', () => resolve(true))
  })
  child.stdin.end()
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (await Promise.race([gone, pause(STOP_STEP_MS)])) break
    signalGroup(child, signal)
  }
  await Promise.race([gone, pause(STOP_STEP_MS)])
  // A wrapper may be gone while what it started lives on.
  signalGroup(child, 'SIGKILL')
}

/** Signals the whole process group of a child, where the system has groups. */
export function signalGroup(child: Child, signal: NodeJS.Signals): void {
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // ESRCH: nothing of the group is left, which is what we want.
  }
}

function environment(options: ServerOptions): Record<string, string> {
  const env: Record<string, string> = {}
  for (const key of INHERITED) if (process.env[key] !== undefined) env[key] = process.env[key]
  for (const [key, value] of Object.entries(options.env)) env[key] = reveal(value)
  return env
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
