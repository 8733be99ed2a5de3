/** The token that shows that somebody may change this gateway: a file that only its owner can read. */
import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { homeDir, stateDir } from './paths.ts'

const BYTES = 32
const FORM = /^[A-Za-z0-9_-]{43}$/

/** Where the token of the person with this environment lies. */
export function localTokenFile(env: NodeJS.ProcessEnv): string {
  return join(stateDir(env, process.platform, homeDir(env)), 'token')
}

/**
 * The token, made where there is none. Whoever comes first makes it, whether that is a gateway or a command, and everybody gets
 * the same one. Throws what Node throws where the file can be neither read nor made.
 */
export async function localToken(file: string): Promise<string> {
  const known = await read(file)
  if (known !== undefined) return known
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const fresh = randomBytes(BYTES).toString('base64url')
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, `${fresh}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await publish(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
  // Another process may have been faster: what lies there is what counts.
  return (await read(file)) ?? fresh
}

async function read(file: string): Promise<string | undefined> {
  try {
    const token = (await readFile(file, 'utf8')).trim()
    const shared = process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0
    if (shared) await chmod(file, 0o600)
    return FORM.test(token) ? token : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Puts the draft in place, whole or not at all, and never over a token that is in use. */
async function publish(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // What lies there is no token, or it would have been taken: half a file, after a crash or on a full disk.
    if (code === 'EEXIST') return (await read(file)) === undefined ? rename(draft, file) : undefined
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
    // A file system without hard links: the first to create the file has it.
    const handle = await open(file, 'wx', 0o600).catch((failure: NodeJS.ErrnoException) => {
      if (failure.code !== 'EEXIST') throw failure
    })
    await handle?.writeFile(await readFile(draft))
    await handle?.close()
  }
}
