/** Keeps what a file was before we changed it, in a folder that only its owner can read. */
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { EditSystem } from './edit-system.ts'
import type { FileState, Target } from './file-state.ts'
import { syncFolder, writeNew } from './replace-file.ts'

/** Besides the very first, which shows the file as it was before it ever met us. */
const NEWEST_KEPT = 5
/** What a killed run has left. Whoever writes backups of a file holds our lock of it, so nobody is writing one. */
const DRAFT = '.tmp'
/** Says which file the backups are of. */
const ABOUT = 'meta.json'
const BACKUP = /^\d{8}T\d{9}Z-\d+\.bak$/

/** The folder of one file below the folder of all backups. */
export function backupFolder(backups: string, realPath: string): string {
  return join(backups, createHash('sha1').update(realPath).digest('hex'))
}

/** Makes the folder, for its owner only, also where an earlier hand has opened it to others. */
export async function openBackupFolder(folder: string, { files, platform }: EditSystem): Promise<void> {
  await files.mkdir(folder, { recursive: true, mode: 0o700 })
  if (platform === 'win32') return
  await files.chmod(dirname(folder), 0o700)
  await files.chmod(folder, 0o700)
}

/** Writes the backup and gives its path. Throws where it cannot be written: then there is no edit either. */
export async function writeBackup(folder: string, target: Target, state: FileState, system: EditSystem): Promise<string> {
  const names = await system.files.readdir(folder)
  for (const name of names.filter((one) => one.endsWith(DRAFT))) await system.files.unlink(join(folder, name))
  if (!names.includes(ABOUT)) await writeAbout(folder, target, system)
  const moment = new Date(system.now()).toISOString().replace(/[-:.]/g, '')
  let n = 0
  while (names.includes(`${moment}-${n}.bak`)) n++
  const backup = join(folder, `${moment}-${n}.bak`)
  // It gets its name when it is whole: half a backup must never be taken for one.
  await writeNew(backup + DRAFT, state.bytes, { mode: 0o600 }, system)
  await system.files.rename(backup + DRAFT, backup)
  await syncFolder(folder, system)
  return backup
}

/** For people who look for a backup by hand. */
async function writeAbout(folder: string, { path, realPath }: Target, system: EditSystem): Promise<void> {
  await writeNew(join(folder, ABOUT), Buffer.from(`${JSON.stringify({ path, realPath }, null, 2)}\n`), { mode: 0o600 }, system)
}

/** Removes what is older than the newest few; the first one stays. */
export async function pruneBackups(folder: string, { files }: EditSystem): Promise<void> {
  const [, ...later] = (await files.readdir(folder)).filter((name) => BACKUP.test(name)).sort(byAge)
  for (const name of later.slice(0, -NEWEST_KEPT)) await files.unlink(join(folder, name))
}

/** Names of the same moment differ in their number only, which is not padded. */
function byAge(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
