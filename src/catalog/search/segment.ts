/** One server's part of an index: the words of each of its tools, and how much they say about it. Never changes. */
import type { Entry } from '../catalog.ts'
import { objectOf, type Tool } from '../tool.ts'
import { type Dictionary, UNSEARCHED } from './dictionary.ts'
import { type Field, fieldsOf, nameField } from './fields.ts'
import { toolIntent } from './intent.ts'
import { stem } from './stem.ts'
import { parts, words } from './words.ts'

export interface Segment {
  readonly server: string
  /** In the order of their exposed names. */
  readonly entries: readonly Entry[]
  /** The words of all tools, one tool after the other. */
  readonly ids: Int32Array
  /** By word of a tool, how much it says, from 0 to 1; and 1 more where it stands in the name. */
  readonly impacts: Float32Array
  /** By tool: where its words end, how many words its name has beside the server's, and what it does to things. */
  readonly ends: readonly number[]
  readonly nameLengths: readonly number[]
  readonly intents: readonly number[]
}

/** How soon more occurrences of a word say nothing more. */
const SATURATION = 1

export function buildSegment(server: string, entries: readonly Entry[], dictionary: Dictionary): Segment {
  const ids: number[] = []
  const impacts: number[] = []
  const ends: number[] = []
  const nameLengths: number[] = []
  const intents: number[] = []
  const ofServer = new Set(words(server).map(stem))
  const weights = new Map<number, number>()
  for (const entry of entries) {
    const tool = definition(entry)
    const nameStems = words(tool.name).map(stem)
    const own = new Set(nameStems.filter((word) => !ofServer.has(word)).map((word) => dictionary.add(word)))
    weigh(server, tool, nameStems, dictionary, weights)
    for (const [id, weight] of weights) {
      ids.push(id)
      impacts.push(weight / (SATURATION + weight) + (own.has(id) ? 1 : 0))
    }
    weights.clear()
    ends.push(ids.length)
    nameLengths.push(Math.max(1, own.size))
    intents.push(toolIntent(nameStems, objectOf(tool.annotations)))
  }
  return { server, entries, ids: Int32Array.from(ids), impacts: Float32Array.from(impacts), ends, nameLengths, intents }
}

function definition({ item, target }: Entry): Tool {
  const { title, description, inputSchema, annotations } = objectOf(JSON.parse(item.bytes.toString()))
  return { name: target, title, description, inputSchema, annotations }
}

/** Adds up, by word, how much it says about the tool in all places in which it stands. */
function weigh(
  server: string,
  tool: Tool,
  nameStems: readonly string[],
  dictionary: Dictionary,
  weights: Map<number, number>,
): void {
  const named = nameStems.map((word) => dictionary.add(word))
  addField(weights, named, nameField(tool.name))
  for (const field of fieldsOf(server, tool)) {
    if (field.text === '') continue
    const found: number[] = []
    for (const part of parts(field.text)) {
      const id = dictionary.addWritten(part)
      if (id !== UNSEARCHED) found.push(id)
    }
    addField(weights, found, field)
  }
}

function addField(weights: Map<number, number>, found: readonly number[], { weight, usual, dilution }: Field): void {
  const each = weight / (1 - dilution + (dilution * found.length) / usual)
  // Where length does not count, being there is all that counts.
  for (const id of dilution === 0 ? new Set(found) : found) weights.set(id, (weights.get(id) ?? 0) + each)
}
