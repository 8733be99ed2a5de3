/** `mcp-gw tools`: the tools under the names that clients see. */
import kleur from 'kleur'
import type { JsonObject } from '../../protocol/message.ts'
import { globMatcher } from '../../std/glob.ts'
import { type CommonOptions, openContext, openEngine } from '../context.ts'
import { LocalClient } from '../local-client.ts'
import { clipped, print, printJson } from '../terminal.ts'

export interface ToolsOptions extends CommonOptions {
  json?: boolean
}

export async function tools(pattern: string | undefined, options: ToolsOptions): Promise<void> {
  const context = await openContext(options, true)
  const engine = openEngine({ ...context, log: context.log.child({}, { level: options.logLevel ?? 'warn' }) })
  await engine.start().catch(() => {
    // The log has said why a server is missing; the tools of the others are still of use.
  })
  const client = await LocalClient.open(engine)
  const { tools: all } = await client.request('tools/list', {})
  await engine.close()
  const matches = matcher(pattern)
  const shown = (all as JsonObject[]).filter((tool) => matches(String(tool.name)))
  if (options.json) return printJson(shown)
  for (const tool of shown) {
    print(kleur.bold(String(tool.name)))
    if (tool.description) print(`  ${clipped(String(tool.description), 2)}`)
  }
  if (shown.length === 0) print(pattern ? `No tool matches ${pattern}.` : 'There are no tools.')
}

/** A glob where it has wildcards, else a part of the name. */
function matcher(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true
  if (/[*?[{]/.test(pattern)) return globMatcher([pattern])
  return (name) => name.toLowerCase().includes(pattern.toLowerCase())
}
