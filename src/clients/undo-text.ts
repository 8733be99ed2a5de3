/** Takes one edit back out of a text that others have changed since: ours goes, what we removed returns, theirs stays. */
import { isDeepStrictEqual } from 'node:util'
import { EditError } from '../std/edit-error.ts'
import { type Format, FormatRefusal, isTree, type KeyPath, valueAt } from './formats/format.ts'
import { formats } from './formats/formats.ts'
import type { JournalEntry, KeyChange } from './journal.ts'

export interface Surgery {
  /** For messages. */
  shown: string
  /** What is done with an entry of ours that somebody has edited. */
  customised: 'refuse' | 'overwrite'
}

/** The text without the edit; undefined where nothing is left of a file that we made. Throws EditError or FormatRefusal. */
export function takenBack(text: string, entry: JournalEntry, surgery: Surgery): string | undefined {
  if (!entry.format) throw wholeOnly(entry, surgery)
  const format = formats[entry.format]
  // Ours go first: a server that we removed may have had the name that we took.
  const order = [...entry.changes].sort((a, b) => Number(b.after !== undefined) - Number(a.after !== undefined))
  const result = order.reduce((body, change) => revert(format, body, change, surgery), text)
  const read = format.read(result)
  const isEmpty = 'value' in read && Object.keys(read.value).length === 0
  return entry.createdFile && isEmpty ? undefined : result
}

function revert(format: Format, text: string, change: KeyChange, surgery: Surgery): string {
  const { key, before, after } = change
  const read = format.read(text)
  if ('problem' in read) throw new FormatRefusal(read.problem.message, read.problem)
  const now = valueAt(read.value, key)
  if (!after) return before && now === undefined ? format.insert(text, key, before.source, before.value) : text
  // Somebody has removed what we wrote, which is an answer.
  if (now === undefined) return text
  // It was like that before.
  if (before && isDeepStrictEqual(now, before.value)) return text
  if (!isDeepStrictEqual(now, after.value) && surgery.customised === 'refuse') throw editedByHand(key, surgery)
  const removed = format.remove(text, key)
  return before ? format.insert(removed, key, before.source, before.value) : withoutOurParents(format, removed, change)
}

/** The text without the parents that we made, where nobody has put anything into them. */
function withoutOurParents(format: Format, text: string, { key, parents }: KeyChange): string {
  let rest = text
  for (let depth = key.length - 1; depth > parents; depth--) {
    const path = key.slice(0, depth)
    const read = format.read(rest)
    const parent = 'value' in read ? valueAt(read.value, path) : undefined
    if (isTree(parent) && Object.keys(parent).length === 0) rest = format.remove(rest, path)
  }
  return rest
}

function editedByHand(key: KeyPath, { shown }: Surgery): EditError {
  return new EditError('customised', `Entry "${key.at(-1)}" in ${shown} was edited by hand. Keep it, or overwrite with --force.`)
}

function wholeOnly({ backup }: JournalEntry, { shown }: Surgery): EditError {
  const mend = backup ? `Compare it with its backup, ${backup}.` : 'Remove what you do not need.'
  return new EditError('changed', `${shown} was changed since, and it can only be restored as a whole. ${mend}`)
}
