/** Keeps what a file was before we changed it, in a folder that only its owner can read. */
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { EditSystem } from './edit-system.ts'
import type { FileState, Target } from './file-state.ts'
import { syncFolder, writeNew } from './replace-file.ts'

/** Besides the very first, which shows the file as it was before it ever met us. */
const NEWEST_KEPT = 5
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
export async function writeBackup(
  folder: string,
  { path, realPath }: Target,
  state: FileState,
  system: EditSystem,
): Promise<string> {
  const about = { path, realPath }
  await writeNew(join(folder, 'meta.json'), Buffer.from(`${JSON.stringify(about, null, 2)}\n`), { mode: 0o600 }, system).catch(
    unlessExists,
  )
  const moment = new Date(system.now()).toISOString().replace(/[-:.]/g, '')
  for (let n = 0; ; n++) {
    const backup = join(folder, `${moment}-${n}.bak`)
    const written = await writeNew(backup, state.bytes, { mode: 0o600 }, system).then(() => true, unlessExists)
    if (!written) continue
    await syncFolder(folder, system)
    return backup
  }
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

function unlessExists(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error
}
