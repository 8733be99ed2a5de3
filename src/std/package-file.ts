/** Finds the files that come with the package: what we write or show, and do not compile. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The path of a file below the root of the package. From the sources the root is two folders up, from a bundled chunk one. */
export function packageFile(path: string): string {
  const [sources, chunk] = ['../../', '../'].map((up) => fileURLToPath(new URL(up + path, import.meta.url))) as [string, string]
  return existsSync(sources) ? sources : chunk
}
