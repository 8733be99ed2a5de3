/** What of a tool's definition is searched, and how much a word in each place says about the tool. */

import { objectOf, type Tool, textOf } from '../tool.ts'
import { productWords } from './products.ts'
import { words } from './words.ts'

export interface Field {
  readonly text: string
  /** What one occurrence counts. */
  readonly weight: number
  /** How many words the place usually has, and how much longer ones count less: 0 not at all, 1 in proportion. */
  readonly usual: number
  readonly dilution: number
}

/** Further words repeat what has been said, or are examples. */
const DESCRIPTION_CHARS = 1_000
const FIRST_SENTENCE_CHARS = 200
const PARAMETER_CHARS = 2_000
const LEVELS_MAX = 3

export function fieldsOf(server: string, tool: Tool): Field[] {
  const description = textOf(tool.description).trim().slice(0, DESCRIPTION_CHARS)
  const title = textOf(tool.title) || textOf(objectOf(tool.annotations).title)
  const { names, descriptions } = parameterTexts(tool.inputSchema)
  return [
    { text: title, weight: 1.5, usual: 3, dilution: 0.6 },
    { text: server, weight: 0.5, usual: 1, dilution: 0.6 },
    { text: productWords(words(server)), weight: 0.35, usual: 4, dilution: 0 },
    { text: description, weight: 1, usual: 20, dilution: 0.6 },
    // What a tool is for stands in its first sentence.
    { text: description.slice(0, FIRST_SENTENCE_CHARS).split(/[.\n]/, 1)[0] ?? '', weight: 0.75, usual: 20, dilution: 0 },
    { text: names, weight: 0.6, usual: 5, dilution: 0.6 },
    { text: descriptions, weight: 0.4, usual: 30, dilution: 0.6 },
  ]
}

/** The name of a tool, which says most. */
export function nameField(text: string): Field {
  return { text, weight: 4, usual: 3, dilution: 0.3 }
}

interface ParameterTexts {
  names: string
  descriptions: string
}

/** The names and the descriptions of the parameters, and of what stands inside them. */
function parameterTexts(schema: unknown): ParameterTexts {
  const texts: ParameterTexts = { names: '', descriptions: '' }
  addParameters(objectOf(schema).properties, LEVELS_MAX, texts)
  return texts
}

function addParameters(properties: unknown, levels: number, texts: ParameterTexts): void {
  if (properties === undefined || levels === 0) return
  for (const [name, value] of Object.entries(objectOf(properties))) {
    if (texts.names.length > PARAMETER_CHARS || texts.descriptions.length > PARAMETER_CHARS) return
    const parameter = objectOf(value)
    texts.names += ` ${name}`
    texts.descriptions += ` ${textOf(parameter.description).slice(0, PARAMETER_CHARS)}`
    addParameters(parameter.properties, levels - 1, texts)
    addParameters(objectOf(parameter.items).properties, levels - 1, texts)
  }
}
