/** `mcp-gw remove`, `enable` and `disable`: change entries of the config, and nothing else in it. */
import kleur from 'kleur'
import { readServer, readServerNames, removeServers, setKey, unsetKey } from '../../config/edit/edit.ts'
import { type Edit, sequence } from '../../config/edit/page.ts'
import { suggest } from '../../std/suggest.ts'
import { ConfigEditing, type EditingOptions, warnOf } from '../config-editing.ts'
import { Exit } from '../exit.ts'
import { print, printJson } from '../terminal.ts'

type Deed = 'remove' | 'enable' | 'disable'

interface DeedWords {
  /** What was done, before the names. */
  done: string
  /** Between the names and the file. */
  where: string
  /** What is said where there is nothing to do. */
  idle: string
  edit(names: readonly string[]): Edit
  /** Whether the server is that already; one that is not there is refused before. */
  isDone(entry: object): boolean
}

const DEEDS: Record<Deed, DeedWords> = {
  remove: { done: 'Removed', where: ' from', idle: '', edit: removeServers, isDone: () => false },
  enable: {
    done: 'Switched on',
    where: ' in',
    idle: 'is on already',
    edit: (names) => sequence(names.map((name) => unsetKey(name, 'disabled'))),
    isDone: (entry) => !('disabled' in entry) || entry.disabled === false,
  },
  disable: {
    done: 'Switched off',
    where: ' in',
    idle: 'is off already',
    edit: (names) => sequence(names.map((name) => setKey(name, 'disabled', true))),
    isDone: (entry) => 'disabled' in entry && entry.disabled === true,
  },
}

export const remove = (names: string[], options: EditingOptions): Promise<void> => editServers('remove', names, options)
export const enable = (names: string[], options: EditingOptions): Promise<void> => editServers('enable', names, options)
export const disable = (names: string[], options: EditingOptions): Promise<void> => editServers('disable', names, options)

async function editServers(deed: Deed, wanted: string[], options: EditingOptions): Promise<void> {
  const words = DEEDS[deed]
  const names = [...new Set(wanted)]
  const editing = new ConfigEditing(options, `${deed} ${names.join(' ')}`)
  const text = editing.text()
  // A file that cannot be read is refused with the place of its fault, not for the names that are not found in it.
  await editing.plan(sequence([]))
  refuseUnknown(names, readServerNames(text, ''), editing)
  const open = names.filter((name) => !words.isDone(readServer(text, '', name) ?? {}))
  const change = await editing.plan(words.edit(open))
  if (options.dryRun && !options.json) return editing.showDiff(change)
  const pending = change.before !== change.after
  if (options.dryRun) {
    if (pending) process.exitCode = 3
    return printJson({ file: editing.target.path, changed: false, pending, diff: editing.diffOf(change) })
  }
  if (pending) await editing.make(words.edit(open), open)
  const gateway = pending ? await editing.runningGateway() : undefined
  if (options.json) return printJson({ file: editing.target.path, changed: pending, servers: open, gateway: gateway ?? null })
  warnOf(change.problems)
  for (const name of names) if (!open.includes(name)) print(`${name} ${words.idle}.`)
  if (open.length > 0) print(`${kleur.green('✓')} ${words.done} ${open.join(', ')}${words.where} ${editing.shown}`)
  if (gateway) print(`  The gateway at ${gateway} takes it over by itself.`)
  if (pending) print('  mcp-gw undo takes this back.')
}

function refuseUnknown(names: readonly string[], known: readonly string[], editing: ConfigEditing): void {
  const unknown = names.filter((name) => !known.includes(name))
  const [first] = unknown
  if (first === undefined) return
  if (known.length === 0) throw new Exit(1, `${editing.shown} has no servers; mcp-gw add brings one in`)
  const meant = suggest(first, known)
  const hint = unknown.length === 1 && meant ? `; did you mean ${meant}?` : `; it has ${known.join(', ')}`
  throw new Exit(1, `${editing.shown} has no server called ${unknown.join(' or ')}${hint}`)
}
