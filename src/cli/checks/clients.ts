/** Checks of the AI applications: that each can read its file, and reaches the gateway once and not around it. */
import { lstat } from 'node:fs/promises'
import { knownClient } from '../../catalog/fit/fit-of.ts'
import type { Origin } from '../../clients/import/server-entry.ts'
import { everyPath } from '../../clients/machine.ts'
import type { Health } from '../../downstream/health.ts'
import { shortPath } from '../../std/paths.ts'
import type { Around } from './around.ts'
import { type Check, type Finding, type Group, ok, skip } from './check.ts'
import { carryOut, type EntryFault, faultOf, type OwnEntry, ownEntries, planEntry } from './client-entries.ts'
import { httpRoundTrip } from './gateway-talk.ts'

const NONE = skip('clients', 'none of them has the gateway; mcp-gw setup-export gives it to them')

async function readable(around: Around): Promise<Finding[]> {
  const clients = await around.clients()
  if (clients.length === 0) return [skip('clients', 'no AI application was found')]
  return clients.flatMap(({ client, files, problem }): Finding[] => {
    const faults = [...(problem === undefined ? [] : [problem]), ...files.flatMap((file) => file.problem?.message ?? [])]
    const count = files.filter(({ exists }) => exists).length
    if (faults.length === 0) return [ok(client.id, count === 1 ? 'its file can be read' : `${count} files can be read`)]
    return faults.map((message) => ({
      status: 'error',
      subject: client.id,
      message,
      fix: `mend it in ${client.name}, or by hand`,
    }))
  })
}

/** One row for each entry of the gateway that has no fault of another kind. */
async function entries(around: Around, id: EntryFault['id'], good: string): Promise<Finding[]> {
  const own = await ownEntries(around)
  if (own.length === 0) return [NONE]
  const faults = await Promise.all(own.map((one) => faultOf(one, around)))
  return own.flatMap((one, i) => {
    const fault = faults[i]
    if (fault) return fault.id === id ? [fault.finding] : []
    return applies(id, one) ? [ok(one.client.id, good)] : []
  })
}

function applies(id: EntryFault['id'], { entry }: OwnEntry): boolean {
  return id === 'MGW-K03' ? entry.url !== undefined : id === 'MGW-K04' ? entry.url === undefined : true
}

async function entryIsThere(around: Around): Promise<Finding[]> {
  const [clients, own] = await Promise.all([around.clients(), ownEntries(around)])
  const without = clients.filter(({ client, sign }) => {
    return sign !== undefined && client.tier === 'full' && own.every((one) => one.client !== client)
  })
  const there = await entries(around, 'MGW-K02', 'has the gateway in its words')
  const rest = without.map(({ client }) => skip(client.id, `has no gateway; mcp-gw setup-export --target ${client.id}`))
  return [...there.filter((finding) => finding !== NONE || rest.length === 0), ...rest]
}

/** A server that a client has both by itself and through the gateway shows each tool twice. */
async function twice(around: Around): Promise<Finding[]> {
  const [own, { known, skipped }] = await Promise.all([ownEntries(around), around.imported()])
  const users = own.filter((one, i) => own.findIndex(({ client }) => client === one.client) === i)
  if (users.length === 0) return [NONE]
  return users.flatMap((one) => {
    const { client } = one
    const isHere = (origin: Origin): boolean => origin.client === client.id && origin.scope === 'user'
    const taken = known.flatMap(({ origins }) => origins.filter(isHere))
    const gateways = skipped.filter(({ kind, origin }) => kind === 'gateway' && isHere(origin))
    const reader = client.readBy?.find((id) => users.some((other) => other.client.id === id))
    const found: Finding[] = []
    if (taken.length > 0) found.push(registeredTwice(one, taken, around))
    if (gateways.length > 1 && new Set(gateways.map(({ origin }) => origin.name)).size > 1) {
      const names = gateways.map(({ origin }) => origin.name).join(', ')
      found.push({
        status: 'warn',
        subject: client.id,
        message: `has the gateway more than once (${names})`,
        fix: 'remove all but one',
      })
    }
    if (reader !== undefined) {
      const message = `has the gateway in a file that ${reader} reads too, which has it in its own`
      found.push({ status: 'warn', subject: client.id, message, fix: `mcp-gw undo --client ${reader}` })
    }
    return found.length > 0 ? found : [ok(client.id, 'has each server once')]
  })
}

function registeredTwice(own: OwnEntry, taken: Origin[], around: Around): Finding {
  const { client } = own
  const names = taken.map(({ name }) => name).join(', ')
  const repair = {
    key: `originals ${client.id}`,
    does: `remove ${names} from ${client.name}, which has them through the gateway`,
    asks: true as const,
    run: async () => carryOut(await planEntry(own, around, { originals: 'move', taken }), around),
  }
  const count = taken.length === 1 ? '1 server is' : `${taken.length} servers are`
  return { status: 'warn', subject: client.id, message: `${count} registered in the app and in the gateway (${names})`, repair }
}

async function switchedOff(around: Around): Promise<Finding[]> {
  const own = await ownEntries(around)
  if (own.length === 0) return [NONE]
  return own.map(({ client, file, entry }) => {
    if (!entry.disabled) return ok(client.id, 'uses the gateway')
    const message = `has the gateway switched off in ${shortPath(file.path, around.machine.home)}`
    return { status: 'warn', subject: client.id, message, fix: `switch it on in ${client.name}` }
  })
}

/** Servers that somebody added to a client after the gateway came. */
async function fresh(around: Around): Promise<Finding[]> {
  const [own, { servers }] = await Promise.all([ownEntries(around), around.imported()])
  const ids = [...new Set(own.map(({ client }) => client.id))]
  if (ids.length === 0) return [NONE]
  return ids.map((id) => {
    const here = servers.filter(({ origins }) => origins.some(({ client, scope }) => client === id && scope === 'user'))
    if (here.length === 0) return ok(id, 'has no server that the gateway lacks')
    const names = here.map(({ name }) => name).join(', ')
    const count = here.length === 1 ? 'a server' : `${here.length} servers`
    return { status: 'warn', subject: id, message: `has ${count} that the gateway lacks (${names})`, fix: 'mcp-gw init' }
  })
}

async function limits(around: Around): Promise<Finding[]> {
  const [own, { url, health }] = await Promise.all([ownEntries(around), around.gateway()])
  const limited = own.flatMap(({ client: { id } }) => {
    const { toolsMax } = knownClient({ name: id })?.facts ?? {}
    return toolsMax === undefined ? [] : [{ id, toolsMax }]
  })
  if (limited.length === 0) return [skip('limits', 'no client that has the gateway has any')]
  if (!health) return [skip('limits', 'no gateway runs, so nobody knows what it shows')]
  const shown = limited.map(async ({ id, toolsMax }): Promise<Finding> => {
    const { tools } = await httpRoundTrip(url, '2025-06-18', id)
    if (tools.length <= toolsMax) return ok(id, `what the gateway shows is not too much for it (tools: ${tools.length})`)
    const message = `takes ${toolsMax} tools, and the gateway shows ${tools.length}`
    return { status: 'warn', subject: id, message, fix: 'surface.mode: auto shows a few tools that find the others' }
  })
  return [...(await Promise.all(shown)), ...notShown(health)]
}

/** Of the clients that are connected at this moment. */
function notShown({ leftOut = [] }: Partial<Health>): Finding[] {
  return [...new Set(leftOut.map(({ client }) => client))].map((client) => {
    const own = leftOut.filter((one) => one.client === client)
    const message = `is not shown ${own.length === 1 ? 'a tool' : `${own.length} tools`} (${own[0]?.tool}: ${own[0]?.reason})`
    return { status: 'warn', subject: client, message, fix: `mcp-gw explain ${client}` }
  })
}

/** Files of which the client reads one, and people may look at another. */
async function ambiguous(around: Around): Promise<Finding[]> {
  const own = await ownEntries(around)
  if (own.length === 0) return [NONE]
  const { machine } = around
  return Promise.all(
    own.map(async ({ client, file }): Promise<Finding> => {
      const others = everyPath(file.file.at, machine).filter((path) => path !== file.path)
      const kinds = await Promise.all(others.map((path) => machine.files.kind(path)))
      const there = others.filter((_, i) => kinds[i] === 'file').map((path) => shortPath(path, machine.home))
      if (there.length === 0) return ok(client.id, 'has one file')
      const message = `has ${there.join(' and ')} beside ${shortPath(file.path, machine.home)}, which has the gateway`
      return { status: 'warn', subject: client.id, message, fix: `keep the one that ${client.name} reads` }
    }),
  )
}

async function links(around: Around): Promise<Finding[]> {
  const paths = (await around.clients()).flatMap(({ client, files }) =>
    files.map(({ path, exists }) => ({ client, path, exists })),
  )
  const found = await Promise.all(
    paths.map(async ({ client, path, exists }): Promise<Finding[]> => {
      const isLink = (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true
      const shown = shortPath(path, around.machine.home)
      if (!isLink) return []
      if (exists) return [ok(client.id, `${shown} is a link, and it holds`)]
      return [{ status: 'error', subject: client.id, message: `${shown} is a link to nothing`, fix: 'bring its target back' }]
    }),
  )
  const all = found.flat()
  return all.length > 0 ? all : [skip('links', 'no file of a client is one')]
}

const checks: readonly Check[] = [
  { id: 'MGW-K01', title: 'Files', run: readable },
  { id: 'MGW-K02', title: 'Entry of the gateway', run: entryIsThere },
  { id: 'MGW-K03', title: 'Address', run: (around) => entries(around, 'MGW-K03', 'has the address of the gateway') },
  { id: 'MGW-K04', title: 'Command', run: (around) => entries(around, 'MGW-K04', 'starts a program that is there') },
  { id: 'MGW-K05', title: 'Servers registered twice', run: twice },
  { id: 'MGW-K06', title: 'Switched off', run: switchedOff },
  { id: 'MGW-K09', title: 'New servers', run: fresh },
  { id: 'MGW-K10', title: 'Limits of clients', run: limits },
  { id: 'MGW-K11', title: 'Which file counts', run: ambiguous },
  { id: 'MGW-K12', title: 'Links', run: links },
  { id: 'MGW-K13', title: 'Edited by hand', run: (around) => entries(around, 'MGW-K13', 'is as it was written') },
]

/** All but these compare what clients have with our config. */
const ALONE = new Set(['MGW-K01', 'MGW-K12'])

export const clients: Group = {
  name: 'clients',
  title: 'Clients',
  checks: checks.map((check) => {
    if (ALONE.has(check.id)) return check
    const run: Check['run'] = (around) =>
      around.settled ? check.run(around) : [skip(check.title.toLowerCase(), 'the config has problems')]
    return { ...check, run }
  }),
}
