/** Starts a server once, before anybody relies on it, to see what it offers or why it does not start. */
import { addServer } from '../../config/edit/edit.ts'
import { sequence } from '../../config/edit/page.ts'
import { type Context as LoadContext, parse } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import { health } from '../../downstream/health.ts'
import { estimateTokens } from '../../observe/tokens.ts'
import type { Server } from '../../upstream/server.ts'
import { type CommonOptions, type Context, openEngine, problemText, stderrLog } from '../context.ts'
import { Exit } from '../exit.ts'
import { withoutName } from '../terminal.ts'

export interface Trial {
  name: string
  ok: boolean
  ms: number
  transport: string | undefined
  tools: string[]
  /** About how many tokens a model reads where it is shown all of its tools. */
  tokens: number
  prompts: number
  resources: number
  /** Why it does not work, without its name. */
  error: string | undefined
}

/** A launcher may have to download the server first. */
const DOWNLOAD_MS = 180_000
const LAUNCHERS = /(?:^|[\\/])(?:npx|bunx|pnpx|pnpm|uvx|pipx|docker|podman|dnx)(?:\.cmd|\.exe)?$/

/** Tries entries that are in no config yet, as a config of their own. */
export async function tryEntries(
  entries: readonly { name: string; entry: object }[],
  { file, context, options }: { file: string; context: LoadContext; options: CommonOptions },
): Promise<Trial[]> {
  const text = sequence(entries.map(({ name, entry }) => addServer(name, entry)))('', file)
  const loaded = 'text' in text ? await parse(text.text, file, context) : text
  if ('problems' in loaded) throw new Exit(2, problemText(loaded.problems))
  const names = entries.map(({ name }) => name)
  return withProgress(names, () =>
    tryServers(loaded.config.servers, { ...loaded, log: stderrLog(options.logLevel ?? 'silent', loaded.redactor) }),
  )
}

/** Shows on a terminal that something goes on. */
async function withProgress<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
  if (process.stderr.isTTY !== true || process.env.TERM === 'dumb') return work()
  const line = `Starting ${names.length > 3 ? `${names.length} servers` : names.join(', ')} …`
  process.stderr.write(line)
  try {
    return await work()
  } finally {
    process.stderr.write('\r\u001b[K')
  }
}

/** Starts these servers side by side, as the gateway would, and ends them. */
async function tryServers(servers: Config['servers'], context: Context): Promise<Trial[]> {
  const patient = Object.fromEntries(Object.entries(servers).map(([name, options]) => [name, withPatience(options)]))
  const engine = openEngine(context, patient)
  let interrupt: () => void = () => undefined
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => reject(new Exit(130, 'cancelled; nothing was changed'))
  })
  process.once('SIGINT', interrupt)
  try {
    const members = [...engine.generation.members.values()]
    const trials = await Promise.race([Promise.all(members.map(({ server }) => tryServer(server))), interrupted])
    const { servers: seen } = health(engine)
    return trials.map((trial) => ({ ...trial, transport: seen.find(({ name }) => name === trial.name)?.transport }))
  } finally {
    process.off('SIGINT', interrupt)
    await engine.close()
  }
}

async function tryServer(server: Server): Promise<Trial> {
  const started = performance.now()
  const failure = await server.learn().then(
    () => undefined,
    (error: Error) => withoutName(server.name, error.message),
  )
  const { tools = [], prompts = [], resources = [] } = server.known ?? {}
  return {
    name: server.name,
    ok: failure === undefined,
    ms: Math.round(performance.now() - started),
    transport: undefined,
    tools: tools.map(({ key }) => key),
    tokens: tools.reduce((sum, { bytes }) => sum + estimateTokens(bytes.toString()), 0),
    prompts: prompts.length,
    resources: resources.length,
    error: failure,
  }
}

function withPatience(options: Config['servers'][string]): Config['servers'][string] {
  const launched = options.command !== undefined && LAUNCHERS.test(String(options.command))
  const startTimeout = launched ? Math.max(options.start_timeout, DOWNLOAD_MS) : options.start_timeout
  return { ...options, start_timeout: startTimeout, disabled: false }
}
