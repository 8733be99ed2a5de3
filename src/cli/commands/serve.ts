/** `mcp-gw serve`: the gateway itself, over HTTP or over stdio. */
import type { Config } from '../../config/schema.ts'
import { HttpListener } from '../../downstream/http.ts'
import { StdioClient } from '../../downstream/stdio.ts'
import type { Engine } from '../../gateway/engine.ts'
import type { Log } from '../../observe/log.ts'
import { asGatewayError } from '../../protocol/errors.ts'
import { workFolder } from '../../protocol/roots.ts'
import { localToken, localTokenFile } from '../../std/local-token.ts'
import { ConfigSource } from '../config-source.ts'
import { type CommonOptions, type Context, openContext, openEngine } from '../context.ts'
import { Exit } from '../exit.ts'
import { runFastWhenBusy } from '../lean.ts'
import { learned } from '../learned.ts'
import { type ListenFlags, listenFailure, withListen } from '../listen.ts'
import { OwnRecords } from '../own-records.ts'
import type { ReloadReport } from '../reload-report.ts'
import { Reloader } from '../reloader.ts'
import { onSignals } from '../signals.ts'

export interface ServeOptions extends CommonOptions, ListenFlags {
  stdio?: boolean
  background?: boolean
  /** We are the process that `background` has started. */
  inBackground?: boolean
}

export async function serve(options: ServeOptions): Promise<void> {
  if (options.background) return (await import('../background.ts')).serveInBackground(options)
  const context = await openContext(options, false)
  if (options.stdio) return serveStdio(context, options)
  return serveHttp({ ...context, config: withListen(context.config, options) }, options)
}

async function serveHttp(context: Context, options: ServeOptions): Promise<void> {
  const { config, log, file } = context
  const records = new OwnRecords(options.inBackground === true, log)
  await records.starting(file)
  const engine = openEngine(context, context.config.servers, learned(context))
  const token = (): Promise<string> => localToken(localTokenFile(process.env))
  const listener = new HttpListener({
    engine,
    options: config.listen,
    log,
    app: async () => {
      const { createApp } = await import('../../downstream/app.ts')
      return createApp(engine, { token, config: () => reloader.state, reload: () => reloader.request('api') })
    },
  })
  engine.onEnded = (session) => listener.ended(session)
  // A failure is one of the records alone, and it was logged.
  const reloaded = ({ config }: ReloadReport): void =>
    void records.listening(listener.url, config ?? undefined).catch(() => undefined)
  const { reloader, stop, watch } = prepare({ context, options, engine, listener, reloaded, leaving: () => records.release() })
  const { done } = await startServers(config, engine, stop)
  try {
    const url = await listener.listen()
    await records.listening(url, file)
    await token().catch((error) => log.warn({ err: error }, 'the local token cannot be kept; nobody can change this gateway'))
    runFastWhenBusy(() => callsOf(engine))
    log.info({ url, config: file ?? 'built-in defaults', servers: engine.generation.members.size }, 'listening')
  } catch (error) {
    listener.stop()
    await engine.close()
    listener.cut()
    if (error instanceof Exit) throw error
    throw new Exit(1, (await listenFailure(error as NodeJS.ErrnoException, config.listen)).message)
  }
  watch()
  if (engine.generation.members.size === 0)
    log.warn('no servers are configured; put some under servers: in mcp-gw.yaml, or try mcp-gw serve --demo')
  await done
  summary(engine, log)
}

async function serveStdio(context: Context, options: ServeOptions): Promise<void> {
  const output = process.stdout
  // A stray print of any module must not reach the client: every line on stdout is JSON-RPC.
  Object.defineProperty(process, 'stdout', { get: () => process.stderr })
  const engine = openEngine(context, context.config.servers, learned(context))
  const { stop, watch } = prepare({ context, options, engine, listener: undefined })
  await startServers(context.config, engine, stop)
  watch()
  const folder = workFolder(process.cwd())
  await new StdioClient({ engine, endpoint: engine.endpoints.main, input: process.stdin, output, folder }).serve()
  await stop(0)
}

interface Parts {
  context: Context
  options: ServeOptions
  engine: Engine
  listener: HttpListener | undefined
  reloaded?(report: ReloadReport): void
  /** No more clients are taken from here on. */
  leaving?(): void
}

/** Ends the gateway in order, with this exit code. */
type Stop = (code: number) => Promise<void>

/** What every way of serving has: an end in order, and a config that is loaded anew when it changes or somebody says so. */
function prepare({ context, options, engine, listener, reloaded, leaving }: Parts): {
  reloader: Reloader
  stop: Stop
  watch(): void
} {
  const { log, redactor } = context
  const source = new ConfigSource(options, context)
  const reloader = new Reloader(
    {
      engine,
      listener,
      log,
      redactor,
      flags: options,
      load: () => source.load(),
      reloaded: (report) => reloaded?.(report),
    },
    context,
  )
  const stop = async (code: number): Promise<void> => {
    source.close()
    if (listener) listener.stop()
    else process.stdin.pause()
    leaving?.()
    await reloader.close()
    await engine.drain()
    await engine.close()
    listener?.cut()
    process.exitCode = code
  }
  onSignals({
    stop: (signal) => {
      log.info({ signal }, 'shutting down; calls under way may finish')
      return stop(0)
    },
    reload: () => void reloader.request('SIGHUP'),
  })
  return { reloader, stop, watch: () => source.watch(() => void reloader.request('file')) }
}

/**
 * Starts the servers. Where one is required, waits for it and gives up without it: a client must not meet a gateway that is
 * about to end. Returns what settles when all of them are up or have failed.
 */
async function startServers({ servers }: Config, engine: Engine, stop: Stop): Promise<{ done: Promise<void> }> {
  const done = engine.start()
  const optional = Object.values(servers).every((server) => server.disabled || !server.required)
  if (optional) return { done }
  try {
    await done
    return { done }
  } catch (error) {
    await stop(1)
    throw new Exit(1, `a required server did not start: ${asGatewayError(error).message}`)
  }
}

function callsOf(engine: Engine): number {
  let calls = 0
  for (const { server } of engine.generation.members.values()) calls += server.traffic.calls
  return calls
}

function summary(engine: Engine, log: Log): void {
  for (const { server } of engine.generation.members.values()) {
    const { known, state } = server
    if (state === 'ready') log.info({ server: server.name, tools: known?.tools.length ?? 0 }, 'server is ready')
  }
}
