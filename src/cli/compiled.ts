/** Starts a bundle from the code that V8 made of it at an earlier start, which is kept in the cache folder of the user. */
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { cacheDir, homeDir } from '../std/paths.ts'
import { runLean } from './lean.ts'

/** The start is over by then, and all that it needs has been compiled; no work has changed the flags of V8 yet. */
const SETTLED_MS = 1_000
/** Of those that are safe, the fastest on machines of 64 bits: what it is made of is more than a megabyte. */
const DIGEST = 'sha512'
const DIGEST_BYTES = 64

/** The code of Node's own modules was made under other flags: what a gateway needs of them is loaded before these change. */
const BUILT_IN = ['http', 'child_process', 'cluster', 'dns', 'os', 'timers/promises', 'process', 'url', 'util']

type Body = (exports: object, require: NodeJS.Require, module: object, filename: string, dirname: string) => void

export interface Ran {
  exports: unknown
  /** Where its code came from. */
  code: 'compiled' | 'kept'
}

/**
 * Runs a bundle, which is the text of the function that Node makes of a CommonJS module and must import nothing while it runs.
 * Its compiled code is kept for the next time where there is none.
 */
export function run(file: string): Ran {
  for (const name of BUILT_IN) process.getBuiltinModule(name)
  // Code is good for the flags that it was made under only: these, which a gateway has until there is work.
  runLean()
  const { body, code } = load(file)
  const module = { exports: {} }
  body(module.exports, createRequire(file), module, file, dirname(file))
  return { exports: module.exports, code }
}

/** Apart from `run`, so that nothing holds source and code while the bundle runs: what has survived that long stays for good. */
function load(file: string): { body: Body; code: Ran['code'] } {
  // The build leaves nothing in it but ASCII.
  const source = readFileSync(file, 'utf8')
  const cache = cacheFile(file)
  const cachedData = cache && readCode(cache, source)
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) })
  const body = script.runInThisContext() as Body
  // V8 refuses code of another version of itself, or of other flags.
  if (cachedData && !script.cachedDataRejected) return { body, code: 'kept' }
  if (cache) keepLater(cache, digest(source), script)
  return { body, code: 'compiled' }
}

function keepLater(cache: string, sourceDigest: Buffer, script: Script): void {
  setTimeout(() => {
    writeCode(cache, sourceDigest, script.createCachedData()).catch(() => {
      // Nothing can be kept there, so that every start is like the first one.
    })
  }, SETTLED_MS).unref()
}

/** One for each version of Node; a new version of the bundle takes the place of the old one. */
function cacheFile(file: string): string | undefined {
  const { env, platform, arch, version } = process
  // Node's own switch for its own cache of this kind, which CommonJS bundles gain little from.
  if (env.NODE_DISABLE_COMPILE_CACHE) return undefined
  return join(cacheDir(env, platform, homeDir(env)), `${basename(file)}-${version}-${arch}.code`)
}

/** V8 believes whatever code it is given: it must be ours, of this very source, and whole. */
function readCode(cache: string, source: string): Buffer | undefined {
  try {
    const fd = openSync(cache, 'r')
    try {
      const { uid, mode } = fstatSync(fd)
      if (process.getuid && (uid !== process.getuid() || (mode & 0o022) !== 0)) return undefined
      const kept = readFileSync(fd)
      const code = kept.subarray(DIGEST_BYTES)
      return digest(digest(source), code).equals(kept.subarray(0, DIGEST_BYTES)) ? code : undefined
    } finally {
      closeSync(fd)
    }
  } catch {
    // Mostly because there is none yet.
    return undefined
  }
}

async function writeCode(cache: string, sourceDigest: Buffer, code: Buffer): Promise<void> {
  const draft = `${cache}.${process.pid}`
  await mkdir(dirname(cache), { recursive: true, mode: 0o700 })
  try {
    await writeFile(draft, Buffer.concat([digest(sourceDigest, code), code]), { mode: 0o600 })
    // In one step, so that nobody ever reads half of it.
    await rename(draft, cache)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

function digest(...parts: (string | Buffer)[]): Buffer {
  const hash = createHash(DIGEST)
  for (const part of parts) hash.update(part)
  return hash.digest()
}
