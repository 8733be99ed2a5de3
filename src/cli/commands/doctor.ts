/** `mcp-gw doctor`: checks the machine, the config and every server, by starting what it checks. */
import kleur from 'kleur'
import { health } from '../../downstream/health.ts'
import { type CommonOptions, type Context, openContext, openEngine } from '../context.ts'
import { Exit } from '../exit.ts'
import { portHolder } from '../port-holder.ts'
import { print, printJson, withoutName } from '../terminal.ts'

export interface DoctorOptions extends CommonOptions {
  json?: boolean
}

interface Check {
  name: string
  ok: boolean
  detail: string
}

export async function doctor(options: DoctorOptions): Promise<void> {
  const checks: Check[] = [nodeCheck()]
  try {
    const context = await openContext(options, true)
    checks.push(configCheck(context), await portCheck(context), ...(await serverChecks(context)))
  } catch (error) {
    if (!(error instanceof Exit)) throw error
    checks.push({ name: 'config', ok: false, detail: error.message })
  }
  const failed = checks.filter((check) => !check.ok).length
  if (options.json) printJson({ ok: failed === 0, checks })
  else for (const check of checks) print(`${check.ok ? kleur.green('✓') : kleur.red('✗')} ${check.name}: ${check.detail}`)
  if (failed > 0) process.exitCode = 1
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > 20 || (major === 20 && minor >= 19)
  return { name: 'node', ok, detail: ok ? process.versions.node : `${process.versions.node} is too old; install 20.19 or newer` }
}

function configCheck({ config, file }: Context): Check {
  const count = Object.keys(config.servers).length
  return {
    name: 'config',
    ok: true,
    detail: file ? `${file}, ${count} ${count === 1 ? 'server' : 'servers'}` : 'none found; the built-in defaults are used',
  }
}

async function portCheck({ config }: Context): Promise<Check> {
  const { host, port } = config.listen
  const holder = port === 0 ? undefined : await portHolder(host, port)
  if (holder === undefined) return { name: 'port', ok: true, detail: `${host}:${port} is free` }
  if (holder.startsWith('another mcp-gw')) return { name: 'port', ok: true, detail: `mcp-gw runs on ${host}:${port}` }
  return { name: 'port', ok: false, detail: `${port} is in use by ${holder}; take another with listen.port` }
}

async function serverChecks(context: Context): Promise<Check[]> {
  const engine = openEngine(context)
  await engine.start().catch(() => {
    // Shown below with the other servers.
  })
  const { servers } = health(engine)
  await engine.close()
  return servers.map(({ name, state, lastError, tools, transport }) => ({
    name,
    ok: state === 'ready',
    detail: state === 'ready' ? `${tools} tools over ${transport}` : withoutName(name, lastError?.message ?? state),
  }))
}
