/** The lists of tools as clients can take them, each made once for all clients that need it alike. */
import type { Catalog } from '../catalog/catalog.ts'
import type { Fit } from '../catalog/fit/fit.ts'
import { type FittedTool, fitTool } from '../catalog/fit/tools.ts'
import type { Log } from '../observe/log.ts'
import type { Message } from '../protocol/message.ts'
import { resultOf } from '../protocol/read.ts'

/** A tool that a client is not shown, and why. */
export interface LeftOut {
  tool: string
  reason: string
}

export interface FittedList {
  message: Message
  leftOut: readonly LeftOut[]
}

export class FittedLists {
  readonly #log: Log
  /** By catalog and by what clients need. */
  readonly #lists = new WeakMap<Catalog, Map<string, FittedList>>()

  constructor(log: Log) {
    this.#log = log
  }

  /** Every tool that the client can be shown; the list of the catalog itself where nothing is in the way. */
  list(catalog: Catalog, fit: Fit): FittedList {
    if (fit.key === '') return { message: catalog.list('tools'), leftOut: [] }
    const lists = this.#lists.get(catalog) ?? new Map<string, FittedList>()
    this.#lists.set(catalog, lists)
    let list = lists.get(fit.key)
    if (!list) {
      list = this.#fitted(catalog, fit)
      lists.set(fit.key, list)
    }
    return list
  }

  /** Some definitions, without those that the client cannot be shown. */
  definitions(definitions: readonly string[], fit: Fit): string[] {
    if (fit.key === '') return [...definitions]
    const tools = definitions.map((definition) => fitTool(definition, fit))
    return tools.filter(({ problem }) => problem === undefined).map(({ text }) => text)
  }

  #fitted(catalog: Catalog, fit: Fit): FittedList {
    const tools = catalog.definitions('tools', () => true).map((definition) => fitTool(definition, fit))
    const leftOut = tools.flatMap(leftOutOf)
    if (leftOut.length > 0) {
      const client = fit.client ?? 'a client as the config describes it'
      this.#log.warn(
        { client, tools: leftOut },
        'tools are not shown to a client that cannot take them; they can be called all the same',
      )
    }
    if (leftOut.length === 0 && tools.every(({ changes }) => changes.length === 0))
      return { message: catalog.list('tools'), leftOut }
    const texts = tools.filter(({ problem }) => problem === undefined).map(({ text }) => text)
    return { message: resultOf(`{"tools":[${texts.join(',')}]}`), leftOut }
  }
}

function leftOutOf({ name, problem }: FittedTool): LeftOut[] {
  return problem === undefined ? [] : [{ tool: name, reason: problem }]
}
