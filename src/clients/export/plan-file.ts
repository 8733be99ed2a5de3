/** Plans the edits of one file of a client: the entry of the gateway, and what becomes of the entries that it replaces. */
import { isDeepStrictEqual } from 'node:util'
import { shortPath } from '../../std/paths.ts'
import type { Client } from '../client.ts'
import type { FoundFile } from '../find.ts'
import { FormatRefusal, isTree, type KeyPath, type Tree, valueAt } from '../formats/format.ts'
import { formats } from '../formats/formats.ts'
import { ENTRY_NAME, type OwnGateway } from '../import/gateways.ts'
import type { Origin } from '../import/server-entry.ts'
import { everyPath } from '../machine.ts'
import { type EntryState, entryState } from './entry-state.ts'
import type { EntryChange, ExportNote, ExportRequest, FilePlan } from './request.ts'
import { httpTarget } from './token.ts'

interface Way {
  /** Undefined where the file gets no entry. */
  mode: 'http' | 'stdio' | undefined
  own: OwnGateway
}

/** The plan for one file. It holds the whole text as it will be, so that people can look at it first. */
export async function planFile(found: FoundFile, request: ExportRequest, way: Way): Promise<FilePlan> {
  const { file, path, tree, text } = found
  const plan: FilePlan = {
    path,
    format: file.format,
    state: 'absent',
    changes: [],
    before: text,
    after: text,
    locks: file.locked ? [path] : [],
    hot: file.hot ?? false,
    secret: false,
    notes: [],
  }
  if (found.problem) return { ...plan, problem: found.problem.message }
  const removed = originals(found, request)
  plan.notes.push(...removed.notes)
  if (way.mode !== undefined) {
    const added = entry(found, request, { ...way, mode: way.mode })
    plan.state = added.state
    plan.notes.push(...added.notes, ...(await otherFiles(found, request)))
    plan.secret = added.secret
    if (added.problem !== undefined) return { ...plan, problem: added.problem }
    if (added.change) plan.changes.push(added.change)
  }
  plan.changes.push(...removed.changes)
  try {
    return { ...plan, after: edited(plan, text) }
  } catch (error) {
    if (!(error instanceof FormatRefusal)) throw error
    const shown = shortPath(path, request.machine.home)
    return { ...plan, changes: [], problem: `Cannot edit ${shown}: ${error.message}. File left untouched.` }
  }
  function edited({ format, changes }: FilePlan, before: string | undefined): string | undefined {
    return changes.length > 0 || tree === undefined ? applied(format, before ?? '', changes, before) : before
  }
}

/** The text with all changes made. Throws FormatRefusal where one cannot be made alone. */
export function applied(
  format: FilePlan['format'],
  text: string,
  changes: readonly EntryChange[],
  none?: string,
): string | undefined {
  if (changes.length === 0) return none
  const { set, remove } = formats[format]
  return changes.reduce((now, change) => ('set' in change ? set(now, change.key, change.set) : remove(now, change.key)), text)
}

interface AddedEntry {
  state: EntryState
  change?: EntryChange
  secret: boolean
  notes: ExportNote[]
  problem?: string
}

/** The entry of the gateway in this file. */
function entry({ file, path, tree }: FoundFile, request: ExportRequest, way: Way & { mode: 'http' | 'stdio' }): AddedEntry {
  const { client, machine, history = [], overwrite = false } = request
  const key = [...serversKey(file, tree), ENTRY_NAME]
  const { http, literal } = httpTarget(request, file)
  const stdio = client.stdio({ ...request.bridge, env: {} })
  const byHttp = client.http?.(http)
  const value = way.mode === 'http' && byHttp ? byHttp : stdio
  const question = { client, tree, key, path, machine, own: way.own, history }
  const state = entryState(question, [byHttp, stdio])
  const added: AddedEntry = { state, secret: literal && value === byHttp, notes: [] }
  const shown = shortPath(path, machine.home)
  if (state === 'customised' && !overwrite) {
    const text = `Entry "${ENTRY_NAME}" in ${shown} was edited by hand. Keep it, or overwrite with --force.`
    return { ...added, notes: [{ code: 'E05', text }], secret: false }
  }
  if (state === 'foreign' && !overwrite) {
    const problem = `Entry "${ENTRY_NAME}" in ${shown} is another server. Rename it there, or overwrite with --force.`
    return { ...added, problem }
  }
  const was = tree && valueAt(tree, key)
  return isDeepStrictEqual(was, value) ? added : { ...added, change: { key, was, set: value } }
}

/** Where the servers stand in this very file: one version of a format may have put them elsewhere. */
function serversKey(file: FoundFile['file'], tree: Tree | undefined): KeyPath {
  if (tree === undefined) return file.key
  if (file.bare && valueAt(tree, file.key) === undefined && Object.values(tree).some(isTree)) return []
  return (file.also ?? []).find((key) => !key.includes('*') && isTree(valueAt(tree, key))) ?? file.key
}

/** The entries that the gateway has taken over, in this file. */
function originals(
  { file, path, tree = {} }: FoundFile,
  request: ExportRequest,
): { changes: EntryChange[]; notes: ExportNote[] } {
  const { client, originals: wish, taken = [], machine, scope } = request
  const here = taken.filter((origin) => origin.client === client.id && origin.path === path)
  if (here.length === 0 || wish === 'keep') return { changes: [], notes: [] }
  const shown = shortPath(path, machine.home)
  const names = here.map(({ name }) => name).join(', ')
  if (file.scope === 'plugin' || file.scope === 'policy') return { changes: [], notes: [] }
  if (file.shared && scope !== 'project')
    return { changes: [], notes: [{ text: `${names} stay in ${shown}, which others share; --scope project changes it` }] }
  if (wish === 'disable' && !client.off)
    return {
      changes: [],
      notes: [{ text: `${client.name} cannot switch servers off in its file, so ${names} stay in ${shown}` }],
    }
  return { changes: here.flatMap((origin) => retire(origin, wish, client, tree)), notes: [] }
}

function retire({ keyPath }: Origin, wish: 'move' | 'disable', { off }: Client, tree: Tree): EntryChange[] {
  if (valueAt(tree, keyPath) === undefined) return []
  if (wish === 'move' || !off) return [{ key: keyPath, was: valueAt(tree, keyPath), remove: true }]
  const key = [...keyPath, off.key]
  const was = valueAt(tree, key)
  return was === off.value ? [] : [{ key, was, set: off.value }]
}

/** Of several files that the client may read, it reads one; people may look at another. */
async function otherFiles({ file, path }: FoundFile, { client, machine }: ExportRequest): Promise<ExportNote[]> {
  const others = everyPath(file.at, machine).filter((other) => other !== path)
  const kinds = await Promise.all(others.map((other) => machine.files.kind(other)))
  const existing = others.filter((_, i) => kinds[i] === 'file').map((other) => shortPath(other, machine.home))
  if (existing.length === 0) return []
  return [{ text: `${client.name} has ${existing.join(' and ')} too; the entry goes to ${shortPath(path, machine.home)}` }]
}
