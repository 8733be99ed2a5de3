/** `mcp-gw serve --background`: starts the gateway as a process of its own and waits until it listens. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CommonOptions, openContext } from './context.ts'
import { Exit } from './exit.ts'
import { GatewayLock, heldRecord } from './gateway-lock.ts'
import { DEMO, type GatewayRecord, gatewaysDir, logFile, recordFile } from './gateway-record.ts'
import { askHealth, configuredUrl } from './running-gateway.ts'
import { print } from './terminal.ts'

/** A required server may take its time before the gateway listens. */
const START_MS = 60_000
const LOOK_MS = 50
const LOG_BYTES_MAX = 10 * 1_048_576
const LOG_LINES_SHOWN = 5

export interface BackgroundOptions extends CommonOptions {
  host?: string
  port?: string
}

export async function serveInBackground(options: BackgroundOptions): Promise<void> {
  const { config, file } = await openContext(options, true)
  const record = recordFile(file, process.env)
  const lock = await GatewayLock.take(record, { config: file ?? '', background: true })
  if (!(lock instanceof GatewayLock)) return report(await listening(record), true)
  try {
    const port = options.port ?? config.listen.port
    const url = configuredUrl({ host: options.host ?? config.listen.host, port })
    // One that keeps its record elsewhere, such as a service of the system, is as good as one of ours.
    const elsewhere = async (): Promise<boolean> => Number(port) !== 0 && (await askHealth(url)) !== undefined
    if (await elsewhere()) return print(`mcp-gw is running already at ${url}`)
    try {
      report(await started(options, file, record), false)
    } catch (error) {
      // Somebody may have started one at the same moment, and been faster to the port.
      if (!(await elsewhere())) throw error
      print(`mcp-gw is running already at ${url}`)
    }
  } finally {
    // Unless the gateway has it by now.
    lock.release()
  }
}

/** Starts the gateway and waits for it to listen; fails with its last words where it ends instead. */
async function started(options: BackgroundOptions, file: string | undefined, record: string): Promise<GatewayRecord> {
  const log = logFile(file, process.env)
  const { fd, from } = openLog(log)
  const child = spawn(process.execPath, serveArgs(options, file), {
    cwd: file && file !== DEMO ? dirname(file) : gatewaysDir(process.env),
    detached: true,
    stdio: ['ignore', fd, fd],
    windowsHide: true,
  })
  closeSync(fd)
  try {
    return await listening(record, child)
  } catch (error) {
    child.kill()
    const words = readFileSync(log).subarray(from).toString().trim().split('\n').slice(-LOG_LINES_SHOWN)
    throw new Exit(1, `${(error as Error).message}; its log (${log}) says:\n${words.map((line) => `  ${line}`).join('\n')}`)
  } finally {
    child.unref()
  }
}

/** Waits for the gateway of the record, which may be starting, to listen. */
async function listening(file: string, child?: ChildProcess): Promise<GatewayRecord> {
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(LOOK_MS)) {
    const record = await heldRecord(file)
    if (record?.url) return record
    const ended = child ? child.exitCode !== null || child.signalCode !== null : !record
    // Two may have found the same stale record at the same moment: the one that has it now goes on.
    const another = record !== undefined && record.pid !== child?.pid && record.pid !== process.pid
    if (ended && !another) throw new Exit(1, 'the gateway ended while it started')
  }
  throw new Exit(1, `the gateway does not listen after ${START_MS / 1_000} s`)
}

function report({ url, pid }: GatewayRecord, before: boolean): void {
  print(`mcp-gw ${before ? 'is running already' : 'listens'} at ${url} (pid ${pid})`)
}

function serveArgs({ host, port, demo, logLevel }: BackgroundOptions, file: string | undefined): string[] {
  const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value])
  return [
    ...process.execArgv,
    process.argv[1] as string,
    'serve',
    '--in-background',
    ...(demo ? ['--demo'] : option('--config', file)),
    ...option('--host', host),
    ...option('--port', port),
    ...option('--log-level', logLevel),
  ]
}

/** The log goes on where it was, and begins anew when it has grown large. */
function openLog(file: string): { fd: number; from: number } {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > LOG_BYTES_MAX) renameSync(file, `${file}.1`)
  return { fd: openSync(file, 'a', 0o600), from: size > LOG_BYTES_MAX ? 0 : size }
}
