/** Finds the entry by which each client reaches the gateway, says what is wrong with it, and writes it anew. */
import { isAbsolute } from 'node:path'
import type { Client } from '../../clients/client.ts'
import { applyExport } from '../../clients/export/apply.ts'
import { bridgeCommand } from '../../clients/export/bridge-command.ts'
import { planExport } from '../../clients/export/plan.ts'
import type { ExportPlan, ExportRequest } from '../../clients/export/request.ts'
import type { FoundClient, FoundFile } from '../../clients/find.ts'
import { ENTRY_NAME, isOwnGateway } from '../../clients/import/gateways.ts'
import { readEntry } from '../../clients/import/read-entry.ts'
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import type { Machine } from '../../clients/machine.ts'
import { shortPath } from '../../std/paths.ts'
import type { Around } from './around.ts'
import type { Finding, Repair } from './check.ts'
import { programPlaces } from './programs.ts'

/** An entry of a client that leads to this gateway. */
export interface OwnEntry {
  client: Client
  found: FoundClient
  file: FoundFile
  entry: ServerEntry
}

/** Every entry of our name, and every other one that leads to us, in the files of the person. */
export async function ownEntries(around: Around): Promise<OwnEntry[]> {
  const [clients, { url }] = await Promise.all([around.clients(), around.gateway()])
  return clients.flatMap((found) => {
    const { client, files } = found
    return files
      .filter(({ file }) => file.scope === 'user' && !file.readOnly)
      .flatMap((file) =>
        file.servers.flatMap(({ name, entry }): OwnEntry[] => {
          const read = readEntry(entry, client.dialect, {
            machine: around.machine,
            project: undefined,
            folder: around.machine.cwd,
          })
          const isOurs = 'entry' in read && (name === ENTRY_NAME || isOwnGateway(name, read.entry, { urls: [url] }))
          return isOurs ? [{ client, found, file, entry: read.entry }] : []
        }),
      )
  })
}

/** The check that a fault belongs to. */
export type EntryFault = { id: 'MGW-K02' | 'MGW-K03' | 'MGW-K04' | 'MGW-K13'; finding: Finding }

/** The worst that is wrong with the entry; undefined where it is as it should be. */
export async function faultOf(own: OwnEntry, around: Around): Promise<EntryFault | undefined> {
  const { client, file, entry } = own
  const shown = shortPath(file.path, around.machine.home)
  const plan = await planEntry(own, around, {})
  const repair = writeAnew(own, plan, around)
  const fault = (id: EntryFault['id'], message: string, more: Partial<Finding>): EntryFault => ({
    id,
    finding: { status: 'error', subject: client.id, message: `${shown} ${message}`, ...more },
  })
  if (plan.state === 'foreign') {
    const fix = `rename it there, or mcp-gw setup-export --target ${client.id} --force`
    return fault('MGW-K13', `has another server under the name ${ENTRY_NAME}`, { fix, repair: { ...repair, asks: true } })
  }
  const unreachable = entry.url === undefined ? await commandFault(entry, around.machine) : await urlFault(entry.url, around)
  if (unreachable) {
    const { message, fix } = unreachable
    // Where something else helps, nothing is wrong with the file.
    return fault(entry.url === undefined ? 'MGW-K04' : 'MGW-K03', message, fix === undefined ? { repair } : { fix })
  }
  if (plan.state === 'customised') {
    const repairIfAgreed = { ...repair, asks: true as const }
    return fault('MGW-K13', 'has an entry that was edited by hand', { status: 'warn', repair: repairIfAgreed })
  }
  const isOther = plan.files.some(({ path, changes }) => path === file.path && changes.length > 0)
  return isOther
    ? fault('MGW-K02', `has an entry that is not as ${client.name} wants it now`, { status: 'warn', repair })
    : undefined
}

/** Why the client cannot reach us, and what helps where writing the entry anew does not. */
interface Unreachable {
  message: string
  fix?: string
}

async function urlFault(url: string, around: Around): Promise<Unreachable | undefined> {
  const gateway = await around.gateway()
  const [there, here] = [new URL(url), new URL(gateway.url)]
  if (there.port !== here.port) {
    const verb = gateway.health ? 'runs on' : 'would run on'
    return { message: `points to port ${there.port}, the gateway ${verb} ${here.port}` }
  }
  if (gateway.health) return undefined
  return { message: `points to ${url}, and no gateway runs there`, fix: 'mcp-gw serve --background, or mcp-gw service install' }
}

async function commandFault({ command = '', args = [] }: ServerEntry, machine: Machine): Promise<Unreachable | undefined> {
  const [script = ''] = args
  const words = isAbsolute(script) ? [command, script] : [command]
  for (const word of words) {
    if (/[\\/]_npx[\\/]/.test(word)) return { message: `starts ${word}, which npx removes one day` }
    const isThere = isAbsolute(word) ? await machine.files.kind(word) : (await programPlaces(word, machine))[0]
    if (isThere === undefined) return { message: `starts ${word}, which is not there` }
  }
  return undefined
}

export type Wish = Pick<Partial<ExportRequest>, 'originals' | 'taken' | 'overwrite'>

/** The edits that give the client its entry as we would write it now, in the way that it reaches us already. */
export async function planEntry({ client, found, entry }: OwnEntry, around: Around, wish: Wish): Promise<ExportPlan> {
  const { url } = await around.gateway()
  return planExport({
    client,
    gateway: { url },
    bridge: bridgeCommand(around.program, around.machine, around.named),
    mode: entry.url === undefined ? 'stdio' : 'http',
    scope: 'user',
    originals: 'keep',
    machine: around.machine,
    found,
    history: await around.edits(),
    ...wish,
  })
}

function writeAnew(own: OwnEntry, { state }: ExportPlan, around: Around): Repair {
  const { client, file } = own
  return {
    key: `entry ${file.path}`,
    does: `write the entry of the gateway in ${shortPath(file.path, around.machine.home)} anew`,
    ...(state === 'managed' ? {} : { asks: true as const }),
    run: async () => carryOut(await planEntry({ ...own, client }, around, { overwrite: true }), around),
  }
}

/** Makes the edits of a plan. Throws with a reason for people where one cannot be made. */
export async function carryOut(plan: ExportPlan, { history, machine, runId }: Around): Promise<void> {
  if (plan.problems.length > 0) throw new Error(plan.problems.join(' '))
  const files = await applyExport(plan, { history, machine, runId, reason: 'doctor --fix' })
  const errors = files.flatMap(({ error }) => error ?? [])
  if (errors.length > 0) throw new Error(errors.join(' '))
}
