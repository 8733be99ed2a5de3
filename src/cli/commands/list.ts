/** `mcp-gw list`: starts each server once and shows how it is, with what a gateway that runs has learned of it. */
import kleur from 'kleur'
import { health, type ServerHealth } from '../../downstream/health.ts'
import type { Sharing } from '../../upstream/sharing.ts'
import { type CommonOptions, openContext, openEngine } from '../context.ts'
import { findGateway } from '../running-gateway.ts'
import { clipped, print, printJson, table, withoutName } from '../terminal.ts'

export interface ListOptions extends CommonOptions {
  tools?: boolean
  json?: boolean
}

export async function list(options: ListOptions): Promise<void> {
  const context = await openContext(options, true)
  const engine = openEngine(context)
  await engine.start().catch(() => {
    // A required server that fails is shown like any other.
  })
  const running = (await findGateway(context)).health?.servers ?? []
  const servers = health(engine).servers.map((one) => ({ ...one, sharing: sharingOf(one, running) }))
  const names = new Map(
    [...engine.generation.members.values()].map(({ server, allowed }) => [
      server.name,
      toolNames(server.known?.tools ?? [], allowed),
    ]),
  )
  const disabled = Object.keys(context.config.servers).filter((name) => !engine.generation.members.has(name))
  await engine.close()
  if (options.json)
    return printJson({
      config: context.file ?? null,
      servers: servers.map((one) => ({ ...one, toolNames: names.get(one.name) })),
      disabled,
    })
  if (servers.length + disabled.length === 0)
    return print(`No servers are configured${context.file ? ` in ${context.file}` : ''}.`)
  const rows = [...servers.map(row), ...disabled.map((name) => [name, 'disabled', '', '', '', '', ''])].sort((a, b) =>
    (a[0] ?? '') < (b[0] ?? '') ? -1 : 1,
  )
  print(table(['SERVER', 'STATE', 'TRANSPORT', 'PROTOCOL', 'ERA', 'TOOLS', 'INSTANCES'], rows))
  for (const server of servers) {
    if (server.lastError) print(`\n${kleur.red(server.name)}: ${withoutName(server.name, server.lastError.message)}`)
    if (options.tools) for (const name of names.get(server.name) ?? []) print(`  ${clipped(`${server.name}__${name}`, 2)}`)
  }
}

function toolNames(tools: readonly { key: string }[], allowed: (name: string) => boolean): string[] {
  return tools.map((tool) => tool.key).filter(allowed)
}

function row(server: ServerHealth): string[] {
  return [
    server.name,
    server.state,
    server.transport ?? '-',
    server.protocol ?? '-',
    server.era ?? '-',
    server.state === 'ready' ? String(server.tools) : '-',
    sharingText(server.sharing),
  ]
}

/** Servers show only in use that they ask their clients: a gateway that runs knows better than the config. */
function sharingOf({ name, sharing }: ServerHealth, running: readonly ServerHealth[]): Sharing {
  return running.find((one) => one.name === name)?.sharing ?? sharing
}

function sharingText({ instances, because }: Sharing): string {
  return because === undefined ? instances : `${instances} (${because})`
}
