/** `mcp-gw serve`: the gateway itself, over HTTP or over stdio. */
import { HttpListener } from '../../downstream/http.ts'
import { StdioClient } from '../../downstream/stdio.ts'
import type { Endpoint } from '../../gateway/endpoint.ts'
import type { Engine } from '../../gateway/engine.ts'
import { asGatewayError } from '../../protocol/errors.ts'
import { type CommonOptions, type Context, openContext, openEngine } from '../context.ts'
import { Exit } from '../exit.ts'
import { portHolder } from '../port-holder.ts'

export interface ServeOptions extends CommonOptions {
  host?: string
  port?: string
  stdio?: boolean
}

export async function serve(options: ServeOptions): Promise<void> {
  const context = await openContext(options, false)
  if (options.stdio) return serveStdio(context)
  return serveHttp(withListen(context, options))
}

async function serveHttp(context: Context): Promise<void> {
  const { config, log } = context
  const engine = openEngine(context)
  const listener = new HttpListener({
    engine,
    options: config.listen,
    log,
    app: async () => (await import('../../downstream/app.ts')).createApp(engine),
  })
  engine.onEnded = (session) => listener.ended(session)
  const stop = onSignals(context, engine, { refuse: () => listener.stop(), cut: () => listener.cut() })
  const { done } = await startServers(context, engine, stop)
  try {
    const url = await listener.listen()
    log.info({ url, config: context.file ?? 'built-in defaults', servers: engine.generation.members.size }, 'listening')
  } catch (error) {
    await engine.close()
    throw await listenFailure(error as NodeJS.ErrnoException, context)
  }
  if (engine.generation.members.size === 0)
    log.warn('no servers are configured; put some under servers: in mcp-gw.yaml, or try mcp-gw serve --demo')
  await done
  summary(engine, context)
}

async function serveStdio(context: Context): Promise<void> {
  const output = process.stdout
  // A stray print of any module must not reach the client: every line on stdout is JSON-RPC.
  Object.defineProperty(process, 'stdout', { get: () => process.stderr })
  const engine = openEngine(context)
  const stop = onSignals(context, engine, { refuse: () => process.stdin.pause() })
  await startServers(context, engine, stop)
  await new StdioClient(engine, engine.endpoint() as Endpoint, process.stdin, output).serve()
  await stop(0)
}

/**
 * Starts the servers. Where one is required, waits for it and gives up without it: a client must not meet a gateway that is
 * about to end. Returns what settles when all of them are up or have failed.
 */
async function startServers({ config }: Context, engine: Engine, stop: Stop): Promise<{ done: Promise<void> }> {
  const done = engine.start()
  const optional = Object.values(config.servers).every((server) => server.disabled || !server.required)
  if (optional) return { done }
  try {
    await done
    return { done }
  } catch (error) {
    await stop(1)
    throw new Exit(1, `a required server did not start: ${asGatewayError(error).message}`)
  }
}

type Stop = (code: number) => Promise<void>

/** What ends beside the engine: `refuse` takes no more clients, `cut` drops those that are left. */
interface Doors {
  refuse(): void
  cut?(): void
}

/** Ends in order at the first signal, at once at the second. */
function onSignals({ config, log }: Context, engine: Engine, doors: Doors): Stop {
  let stopping: Promise<void> | undefined
  const stop = async (code: number): Promise<void> => {
    doors.refuse()
    await engine.drain(config.shutdown.grace)
    await engine.close()
    doors.cut?.()
    process.exitCode = code
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping !== undefined) process.exit(130)
      log.info({ signal }, 'shutting down; calls under way may finish')
      stopping = stop(0).finally(() => process.exit())
    })
  }
  return stop
}

function withListen(context: Context, { host, port }: ServeOptions): Context {
  const listen = { ...context.config.listen }
  if (host !== undefined) listen.host = host
  if (port !== undefined) {
    listen.port = Number(port)
    if (!Number.isInteger(listen.port) || listen.port < 0 || listen.port > 65_535)
      throw new Exit(2, `--port: expected 0 to 65535, got "${port}"`)
  }
  const local = ['127.0.0.1', 'localhost', '::1'].includes(listen.host)
  if (!local && !listen.insecure) {
    throw new Exit(
      2,
      `${listen.host} can be reached by other machines, and the gateway does not authenticate them; set listen.insecure: true to allow that`,
    )
  }
  return { ...context, config: { ...context.config, listen } }
}

async function listenFailure(error: NodeJS.ErrnoException, { config }: Context): Promise<Exit> {
  const { host, port } = config.listen
  if (error.code === 'EADDRINUSE') {
    const holder = await portHolder(host, port)
    return new Exit(
      1,
      `port ${port} is in use${holder ? ` by ${holder}` : ''}; stop that, or take another with listen.port or --port`,
    )
  }
  if (error.code === 'EACCES')
    return new Exit(1, `port ${port} needs more rights than you have; take one above 1023 with listen.port or --port`)
  if (error.code === 'EADDRNOTAVAIL') return new Exit(1, `${host} is no address of this machine; mend listen.host`)
  return new Exit(1, `cannot listen on ${host}:${port}: ${error.message}`)
}

function summary(engine: Engine, { log }: Context): void {
  for (const { server } of engine.generation.members.values()) {
    const { known, state } = server
    if (state === 'ready') log.info({ server: server.name, tools: known?.tools.length ?? 0 }, 'server is ready')
  }
}
