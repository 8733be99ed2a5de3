/** `mcp-gw search`: finds tools by what they do, as `gateway_search_tools` does for a model. */
import kleur from 'kleur'
import type { Entry } from '../../catalog/catalog.ts'
import { openSearch } from '../../catalog/search/search.ts'
import { buildIndex } from '../../catalog/search/search-index.ts'
import { signature } from '../../catalog/signature/signature.ts'
import type { Engine } from '../../gateway/engine.ts'
import { type CommonOptions, openContext, openEngine } from '../context.ts'
import { Exit } from '../exit.ts'
import { learned } from '../learned.ts'
import { LocalClient } from '../local-client.ts'
import { print, printJson } from '../terminal.ts'

export interface SearchCommandOptions extends CommonOptions {
  limit?: string
  server?: string
  json?: boolean
}

export async function search(words: readonly string[], options: SearchCommandOptions): Promise<void> {
  const query = words.join(' ')
  const limit = options.limit === undefined ? 8 : wholeNumber('--limit', options.limit)
  const context = await openContext(options, true)
  const engine = openEngine(context, context.config.servers, learned(context))
  const entries = await readEntries(engine)
  await engine.close()
  const { server } = options
  const hits = openSearch()(buildIndex(entries), query, { limit, ...(server !== undefined && { server }) })
  if (options.json) return printJson(hits.map(({ entry, fit }) => ({ name: entry.exposed, fit: Math.round(fit * 100) / 100 })))
  for (const { entry } of hits) print(line(entry))
  if (hits.length === 0) throw new Exit(1, `no tool fits "${query}"; see mcp-gw tools for all there are`)
}

/** A number on the command line that is no fraction and not below one. */
export function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new Exit(2, `${option} takes a whole number above 0, not "${text}"`)
}

/** Starts what is not known from earlier runs. */
async function readEntries(engine: Engine): Promise<Entry[]> {
  await engine.start().catch(() => {
    // The tools of the other servers are still of use; mcp-gw list says what is wrong with the rest.
  })
  const { catalog } = await LocalClient.open(engine)
  return [...catalog.tools.values()]
}

function line({ item, exposed }: Entry): string {
  const text = signature({ ...(JSON.parse(item.bytes.toString()) as object), name: exposed })
  return kleur.bold(text.slice(0, exposed.length)) + text.slice(exposed.length)
}
