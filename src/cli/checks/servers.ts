/** Checks of the servers: each is really started, as the gateway would start it. */
import { withoutName } from '../terminal.ts'
import type { Around } from './around.ts'
import { type Check, type Finding, type Group, ok, skip } from './check.ts'
import { installHint } from './programs.ts'
import { START_MS, type StartedServer } from './start-servers.ts'

const STDERR_SHOWN = 5
/** What the strictest models accept as the name of a tool. */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/
/** Ending the servers takes a moment too. */
const TIMEOUT_MS = START_MS + 15_000

async function started(around: Around, kind: 'command' | 'url'): Promise<Finding[]> {
  const servers = around.settled?.config.servers ?? {}
  const chosen = (await around.started()).filter(({ name }) => servers[name]?.[kind] !== undefined)
  const what = kind === 'command' ? 'no server is a program' : 'no server is reached over HTTP'
  return chosen.length === 0
    ? [skip('servers', what)]
    : chosen.map((server) => startFinding(server, servers[server.name]?.command))
}

function startFinding(server: StartedServer, command: unknown): Finding {
  const { name, state, transport, protocol, lastError, stderr } = server
  if (state === 'ready') return ok(name, `${toolsText(server)} over ${transport}, protocol ${protocol}`)
  const said = lastError?.message ?? ''
  // The failure may quote its last words already.
  const detail = stderr.slice(-STDERR_SHOWN).filter((line) => !said.includes(line.trim()))
  if (state === 'starting')
    return {
      status: 'error',
      subject: name,
      message: `has not answered within ${START_MS / 1_000} s`,
      detail,
      fix: 'raise start_timeout',
    }
  // The PATH is long, and it is the same for every server.
  const message = withoutName(name, said || state).replace(/(not found in PATH) \([^)]*\)/, '$1')
  return { status: 'error', subject: name, message, detail, fix: fixFor(message, name, command) }
}

function toolsText({ toolNames }: StartedServer): string {
  return toolNames.length === 1 ? '1 tool' : `${toolNames.length} tools`
}

/** The command that most likely mends it, from what the failure says. */
function fixFor(message: string, name: string, command: unknown): string {
  if (/not found in PATH/.test(message)) return installHint(String(command ?? '').split(/\s/)[0] ?? '')
  if (/\b40[13]\b|unauthori[sz]ed|forbidden/i.test(message))
    return `give servers.${name}.headers an Authorization that it accepts`
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return 'check the host in its url, and the network'
  if (/ECONNREFUSED/.test(message)) return 'start it, or check the port in its url'
  if (/certificate|self-signed/i.test(message)) return 'set NODE_EXTRA_CA_CERTS to the certificate of its authority'
  return `mend servers.${name}, then mcp-gw doctor --only servers`
}

async function tools(around: Around): Promise<Finding[]> {
  const ready = (await around.started()).filter(({ state }) => state === 'ready')
  if (ready.length === 0) return [skip('tools', 'no server has started')]
  return ready.map(({ name, toolNames }) => {
    const odd = toolNames.filter((tool) => !NAME.test(tool))
    const twice = toolNames.filter((tool, i) => toolNames.indexOf(tool) !== i)
    const fix = `withhold them with servers.${name}.tools.deny`
    if (odd.length > 0) {
      const message = `clients refuse the names of some tools: ${odd.join(', ')}`
      return { status: 'warn', subject: name, message, fix }
    }
    if (twice.length > 0) return { status: 'warn', subject: name, message: `lists tools twice: ${twice.join(', ')}`, fix }
    return ok(name, toolNames.length === 0 ? 'has no tools' : 'every tool has a name that clients accept')
  })
}

const checks: readonly Check[] = [
  { id: 'MGW-S01', title: 'Programs start', timeoutMs: TIMEOUT_MS, run: (around) => started(around, 'command') },
  { id: 'MGW-S02', title: 'Addresses answer', remote: true, timeoutMs: TIMEOUT_MS, run: (around) => started(around, 'url') },
  { id: 'MGW-S06', title: 'Tools', timeoutMs: TIMEOUT_MS, run: tools },
]

export const servers: Group = { name: 'servers', title: 'Servers', checks }
