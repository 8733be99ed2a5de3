/** The config of `serve --demo`: three servers that need nothing, with files in a folder of their own. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Config, configSchema } from '../config/schema.ts'

const WELCOME = 'This folder is served by the filesystem server of the mcp-gw demo.\n'

export function demoConfig(): Config {
  const folder = join(tmpdir(), 'mcp-gw-demo')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'welcome.txt'), WELCOME)
  return configSchema.parse({
    servers: {
      everything: program('@modelcontextprotocol/server-everything'),
      filesystem: program('@modelcontextprotocol/server-filesystem', folder),
      memory: { ...program('@modelcontextprotocol/server-memory'), env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') } },
    },
  })
}

/** The package's own program where it is installed, so that the demo needs no network; else npx fetches it. */
function program(name: string, ...args: string[]): { command: string; args: string[] } {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    const { bin } = createRequire(import.meta.url)(manifest) as { bin: Record<string, string> }
    return { command: process.execPath, args: [join(dirname(manifest), Object.values(bin)[0] as string), ...args] }
  } catch {
    return { command: 'npx', args: ['-y', name, ...args] }
  }
}
