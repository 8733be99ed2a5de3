/** The recorded lists of real servers, and the tools in them. */
import { readdirSync, readFileSync } from 'node:fs'
import type { ServerTools } from '../../src/catalog/tool.ts'

const folder = new URL('../search/catalogues/', import.meta.url)

/** What each server answered to `tools/list`, in the order of the files. */
export function recordedServers(): ServerTools[] {
  const files = readdirSync(folder).sort()
  return files.map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as ServerTools)
}
