/** `mcp-gw profile`: shows the profiles, and has the running gateway show one of them to its clients. */
import type { ProfileReport } from '../../downstream/profile-route.ts'
import { type CommonOptions, openContext } from '../context.ts'
import { Exit } from '../exit.ts'
import { postToGateway, refused } from '../gateway-request.ts'
import { findGateway } from '../running-gateway.ts'
import { print, printJson, table } from '../terminal.ts'

export interface ProfileCommandOptions extends CommonOptions {
  client?: string
  reset?: boolean
  json?: boolean
}

export async function profile(name: string | undefined, options: ProfileCommandOptions): Promise<void> {
  const { client, reset, json } = options
  if (name !== undefined && reset) throw new Exit(2, 'name a profile, or go back to the config with --reset; not both')
  if (name === undefined && !reset) return list(options)
  const query = new URLSearchParams({ ...(name !== undefined && { name }), ...(client !== undefined && { client }) })
  const answer = await postToGateway(options, `/-/profile?${query}`)
  if (!answer.ok) throw refused(answer)
  const report = answer.body as ProfileReport
  if (json) return printJson(report)
  const whom = client === undefined ? 'Clients' : `Clients that say they are ${client}`
  if (name === undefined) return print(`${whom} are shown again what the config says.`)
  const count = report.sessions === 1 ? '1 session has it' : `${report.sessions} sessions have it`
  print(`${whom} are shown the profile ${name} (${count}), until the gateway ends.`)
  print(`profiles.${name}.clients in the config makes it last.`)
}

async function list(options: ProfileCommandOptions): Promise<void> {
  const context = await openContext(options, true)
  const chosen = (await findGateway(context)).health?.profiles ?? []
  const profiles = Object.entries(context.config.profiles).map(([name, { servers, tools, clients }]) => ({
    name,
    servers,
    tools,
    clients,
    chosen: chosen.filter((one) => one.profile === name).map(({ client }) => client),
  }))
  if (options.json) return printJson(profiles)
  if (profiles.length === 0) return print('The config has no profiles; each is a chosen set of servers and tools under profiles.')
  const rows = profiles.map(({ name, servers, clients, chosen: now }) => [
    name,
    servers.join(', '),
    clients.join(', ') || `whoever asks for /mcp/profile/${name}`,
    now.join(', '),
  ])
  print(table(['PROFILE', 'SERVERS', 'CLIENTS', 'CHOSEN'], rows))
}
