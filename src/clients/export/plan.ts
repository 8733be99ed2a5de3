/** Plans what is written so that a client uses the gateway: the exact edits of its files, and what a person should know. */
import { shortPath } from '../../std/paths.ts'
import { type FoundClient, type FoundFile, findClients } from '../find.ts'
import type { OwnGateway } from '../import/gateways.ts'
import { everyPath } from '../machine.ts'
import type { EntryState } from './entry-state.ts'
import { planFile } from './plan-file.ts'
import type { ExportNote, ExportPlan, ExportRequest, FilePlan } from './request.ts'
import { tokenNotes } from './token.ts'

const ATTENTION: readonly EntryState[] = ['absent', 'managed', 'customised', 'foreign']

/** The plan for one client. Nothing is written, and nothing that a file says makes it throw. */
export async function planExport(request: ExportRequest): Promise<ExportPlan> {
  const { client, machine, scope } = request
  const found = request.found ?? (await findClients(machine, { clients: [client] }))[0]
  const mode = modeOf(request)
  const plan: ExportPlan = { client, mode, state: 'absent', files: [], notes: [], problems: [] }
  const files = await targets(request, found)
  plan.problems.push(...problemsOf(request, found, files))
  if (plan.problems.length > 0) return { ...plan, mode: undefined }
  const own: OwnGateway = { urls: [request.gateway.url] }
  plan.files = await Promise.all(files.map((file) => planFile(file, request, { mode, own })))
  plan.files.push(...(await originalsElsewhere(request, found, plan.files, own)))
  plan.state = ATTENTION[Math.max(0, ...plan.files.map(({ state }) => ATTENTION.indexOf(state)))] ?? 'absent'
  plan.problems.push(...plan.files.flatMap(({ problem }) => problem ?? []))
  plan.notes.push(
    ...modeNotes(request, mode),
    ...(await tokenNotes(request, mode, plan.files)),
    ...plan.files.flatMap(({ notes }) => notes),
  )
  if (scope === 'user') for (const other of client.alsoServes ?? []) plan.notes.push({ text: `${other} reads the same file` })
  return plan
}

function modeOf({ client, mode, service = false }: ExportRequest): 'http' | 'stdio' {
  if (!client.http || mode === 'stdio') return 'stdio'
  return mode === 'http' || service ? 'http' : 'stdio'
}

/** The files that get the entry. */
async function targets({ client, scope, machine }: ExportRequest, found: FoundClient | undefined): Promise<FoundFile[]> {
  const files = (found?.files ?? []).filter(({ file }) => file.scope === scope && !file.readOnly)
  const open = await Promise.all(
    files.map(async ({ file }) => {
      const kinds = await Promise.all(everyPath(file.hiddenBy ?? [], machine).map((path) => machine.files.kind(path)))
      return kinds.every((kind) => kind === undefined)
    }),
  )
  const written = files.filter((_, i) => open[i])
  // A team has one file for its project; a person may have one for each editor.
  return client.tier === 'import' ? [] : scope === 'project' ? written.slice(0, 1) : written
}

function problemsOf(
  { client, scope, machine, create }: ExportRequest,
  found: FoundClient | undefined,
  files: FoundFile[],
): string[] {
  if (found?.problem !== undefined) return [found.problem]
  if (client.tier === 'import') return [`${client.name} is only read. ${(client.notes ?? []).join(' ')}`.trim()]
  if (files.length === 0) {
    const hidden = client.files
      .flatMap(({ hiddenBy }) => everyPath(hiddenBy ?? [], machine))
      .map((path) => shortPath(path, machine.home))
    if (hidden.length > 0)
      return [`${client.name} reads ${hidden.join(' or ')} instead. ${(client.notes ?? []).join(' ')}`.trim()]
    return [
      scope === 'project'
        ? `${client.name} has no file for a project; use --scope user`
        : `${client.name} keeps no file on this system`,
    ]
  }
  const isThere = found?.sign !== undefined || files.some(({ exists }) => exists)
  return isThere || create ? [] : [`${client.name} is not installed here; --force-create writes its file all the same`]
}

/** Files that get no entry, but lose servers that the gateway has now. */
async function originalsElsewhere(
  request: ExportRequest,
  found: FoundClient | undefined,
  planned: FilePlan[],
  own: OwnGateway,
): Promise<FilePlan[]> {
  const others = (found?.files ?? []).filter(({ path, file }) => !file.readOnly && planned.every((plan) => plan.path !== path))
  const plans = await Promise.all(others.map((file) => planFile(file, request, { mode: undefined, own })))
  return plans.filter(({ changes, notes, problem }) => changes.length > 0 || notes.length > 0 || problem !== undefined)
}

function modeNotes({ client, mode, scope }: ExportRequest, chosen: 'http' | 'stdio'): ExportNote[] {
  const notes: ExportNote[] = []
  if (!client.http && mode !== 'stdio') {
    const text = `${client.name} accepts only local commands; wrote a bridge (mcp-gw connect) instead of a URL.`
    notes.push({ code: 'E09', text })
  }
  if (scope === 'project' && chosen === 'stdio')
    notes.push({ text: 'the entry names paths of this machine, so the file is of no use to others; --mode http has none' })
  return notes
}
