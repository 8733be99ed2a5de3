/** The form of an evaluation set: what people and models ask for, and which tools are right (see test/search/README.md). */
import * as z from 'zod'
import type { ServerTools } from '../../tool.ts'

const catalogue = z.object({ server: z.string().min(1), tools: z.array(z.looseObject({ name: z.string() })) })

const question = z.object({
  query: z.string().min(1),
  /** Who asks like this; figures are told for each by itself. */
  style: z.string().default('all'),
  /** By `server__tool`: 2 is right, 1 would do. Empty where no tool fits. */
  answers: z.record(z.string(), z.union([z.literal(1), z.literal(2)])),
})

const evaluationSet = z.object({
  /** Lists of tools, or the files that hold them. */
  catalogues: z.array(z.union([z.string(), catalogue])).min(1),
  queries: z.array(question).min(1),
})

export type Question = z.output<typeof question>

export interface EvaluationSet {
  /** Files that hold lists of tools, relative to that of the set. */
  readonly files: readonly string[]
  readonly servers: readonly ServerTools[]
  readonly questions: readonly Question[]
}

export type Half = 'tune' | 'held'

/** The set, or what is wrong with it. */
export function parseEvaluationSet(json: unknown): EvaluationSet | { problem: string } {
  const read = evaluationSet.safeParse(json)
  if (!read.success) return { problem: z.prettifyError(read.error) }
  const { catalogues, queries } = read.data
  return {
    files: catalogues.filter((one) => typeof one === 'string'),
    servers: catalogues.filter((one) => typeof one !== 'string'),
    questions: queries,
  }
}

/** A list of tools, or what is wrong with it. */
export function parseCatalogue(json: unknown): ServerTools | { problem: string } {
  const read = catalogue.safeParse(json)
  return read.success ? read.data : { problem: z.prettifyError(read.error) }
}

/** On which half a question is: one to find the weights with, the other to tell how good they are. By its text, so it stays there. */
export function halfOf({ query }: Question): Half {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(query)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash % 2 === 0 ? 'tune' : 'held'
}

/** Answers that no tool has, which would only ever count as missed. */
export function unknownAnswers(questions: readonly Question[], servers: readonly ServerTools[]): string[] {
  const known = new Set(servers.flatMap(({ server, tools }) => tools.map((tool) => `${server}__${tool.name}`)))
  return [...new Set(questions.flatMap(({ answers }) => Object.keys(answers)))].filter((name) => !known.has(name))
}
