/** The version of this package. */
import { readFileSync } from 'node:fs'

/** From here both src/cli and dist/cli are two folders below package.json; split chunks lie one folder below it. */
function readVersion(): string {
  for (const path of ['../../package.json', '../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
        name: string
        version: string
      }
      if (name === 'mcp-gw') return version
    } catch {
      // Not there: the next place.
    }
  }
  return '0.0.0'
}

export const VERSION = readVersion()
