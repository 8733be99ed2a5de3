/** Finds files that others may read or write, and closes them. */
import { chmod, stat } from 'node:fs/promises'
import { recordedEdit } from '../../clients/recorded-edit.ts'
import { shortPath } from '../../std/paths.ts'
import type { Around } from './around.ts'
import { type Finding, ok, skip } from './check.ts'

const REASON = 'doctor --fix'
const ANY = 0o777

export interface Closed {
  path: string
  /** The most that it may allow. */
  mode: number
  kind: 'file' | 'folder'
  /** What others could do with it. */
  danger: string
}

/** Whether others have more rights to it than they should. */
export async function modeFinding({ path, mode, kind, danger }: Closed, around: Around): Promise<Finding> {
  const subject = shortPath(path, around.machine.home)
  if (process.platform === 'win32') return skip(subject, 'Windows keeps rights in another way')
  const found = await stat(path).catch(() => undefined)
  if (!found) return skip(subject, 'there is none')
  const now = found.mode & ANY
  const octal = mode.toString(8)
  if ((now & ~mode) === 0) return ok(subject, `mode ${now.toString(8)}`)
  const close = kind === 'file' ? () => closeFile(path, mode, around) : () => chmod(path, mode)
  const repair = { key: `mode ${path}`, does: `set the mode of ${subject} to ${octal}`, run: close }
  return { status: 'error', subject, message: `${danger} (mode ${now.toString(8)})`, fix: `chmod ${octal} ${subject}`, repair }
}

async function closeFile(path: string, mode: number, { history, runId }: Around): Promise<void> {
  const about = { path, runId, client: 'mcp-gw', reason: REASON, keys: [] }
  await recordedEdit(history, { ...about, edit: (text) => text, modeOf: () => mode })
}
