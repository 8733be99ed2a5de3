/** Makes the definitions of tools fit for a client: as they are wherever they can stay so. */
import { locateIn } from '../../protocol/locate.ts'
import { splice } from '../../protocol/message.ts'
import { skipSpace } from '../../protocol/scan.ts'
import { textOf } from '../tool.ts'
import type { Facts, Fit } from './fit.ts'
import { lower } from './lower.ts'
import type { PassName } from './passes.ts'

/** What is done to the definition of a tool: a pass over its schema, or its description is cut. */
export type Change = PassName | 'description'

export interface FittedTool {
  /** The exposed name. */
  readonly name: string
  /** The definition as JSON; the very same text where nothing had to change. */
  readonly text: string
  readonly changes: readonly Change[]
  /** Why the client cannot be shown the tool; undefined where it can. */
  readonly problem: string | undefined
}

const CUT = ' […]'

/** The definition of a tool, given as JSON, as this client can take it. */
export function fitTool(definition: string, fit: Fit): FittedTool {
  const tool = JSON.parse(definition) as { name: string; description?: unknown; inputSchema?: unknown; outputSchema?: unknown }
  const { schema, changes, problem } = lower(tool.inputSchema, fit)
  const output = lower(tool.outputSchema, outputFacts(fit))
  const description = shortened(textOf(tool.description), fit.descriptionMax)
  const edits: [string, unknown][] = []
  if (changes.length > 0) edits.push(['inputSchema', schema])
  if (tool.outputSchema !== undefined && output.changes.length > 0) edits.push(['outputSchema', output.schema])
  if (description !== undefined) edits.push(['description', description])
  const cut: Change[] = description === undefined ? [] : ['description']
  return {
    name: tool.name,
    text: edited(definition, edits),
    changes: [...changes, ...cut],
    problem: longName(tool.name, fit) ?? problem,
  }
}

/** Clients check results by it, with the same references in their way; models are not shown it. */
function outputFacts({ passes = [] }: Facts): Facts {
  return { passes: passes.filter((name) => name === 'refs') }
}

function longName(name: string, { nameMax }: Facts): string | undefined {
  if (nameMax === undefined || name.length <= nameMax) return undefined
  return `its name has ${name.length} characters, and the client takes ${nameMax}; lower catalog.name_length`
}

function shortened(text: string, charsMax: number | undefined): string | undefined {
  if (charsMax === undefined || text.length <= charsMax) return undefined
  // A character of two halves is not cut between them.
  return `${text.slice(0, charsMax - CUT.length).replace(/[\uD800-\uDBFF]$/, '')}${CUT}`
}

/** The JSON of an object with other values for some members, everything else as it was written. */
function edited(json: string, members: readonly [string, unknown][]): string {
  if (members.length === 0) return json
  const bytes = Buffer.from(json)
  const start = skipSpace(bytes, 0)
  const edits = members.map(([key, value]) => {
    const place = locateIn(bytes, start, [key])
    const text = JSON.stringify(value)
    return place ? { ...place, json: text } : { start: start + 1, end: start + 1, json: `${JSON.stringify(key)}:${text},` }
  })
  return Buffer.concat(splice(bytes, edits)).toString()
}
