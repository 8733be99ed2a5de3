/** Says whether a list of tools fits a budget of tokens. What has been counted once is remembered, on disk too. */
import { createHash } from 'node:crypto'
import { countApart } from '../observe/count-apart.ts'
import { estimateTokens } from '../observe/tokens.ts'

/** No tokenizer makes tokens of more bytes than this on average from definitions of tools. */
const BYTES_PER_TOKEN_MAX = 12
/** An estimate is right to an eighth; what is further from the budget than this need not be counted. */
const ESTIMATE_MARGIN = 0.2
const REMEMBERED_MAX = 200

/** Keeps counts from one run of the gateway to the next. */
export interface CountStore {
  read(): Promise<Record<string, number> | undefined>
  write(counts: Record<string, number>): Promise<void>
}

export class ListCosts {
  readonly #counts = new Map<string, number>()
  readonly #estimates = new WeakMap<Buffer, number>()
  readonly #under = new Map<string, Promise<void>>()
  readonly #store: CountStore | undefined
  readonly #settled: () => void
  #recalled: Promise<void> | undefined

  /** `settled` is called when a list has been counted that somebody asked for. */
  constructor(settled: () => void, store?: CountStore) {
    this.#settled = settled
    this.#store = store
  }

  /** Whether a list of so many bytes takes more tokens than the budget, whatever it says. */
  certainlyExceeds(bytes: number, budget: number): boolean {
    return bytes > budget * BYTES_PER_TOKEN_MAX
  }

  /** Whether a list takes more tokens than the budget; undefined while it is being counted. */
  exceeds(list: Buffer, budget: number): boolean | undefined {
    if (list.length <= budget) return false
    if (this.certainlyExceeds(list.length, budget)) return true
    const estimate = this.#estimate(list)
    if (Math.abs(estimate - budget) > budget * ESTIMATE_MARGIN) return estimate > budget
    const key = keyOf(list)
    const tokens = this.#counts.get(key)
    if (tokens !== undefined) return tokens > budget
    this.#begin(key, list)
    return undefined
  }

  /** Resolves when nothing is being counted. */
  async ready(): Promise<void> {
    await Promise.all(this.#under.values())
  }

  #begin(key: string, list: Buffer): void {
    if (this.#under.has(key)) return
    const work = this.#count(key, list).finally(() => {
      this.#under.delete(key)
      this.#settled()
    })
    this.#under.set(key, work)
  }

  async #count(key: string, list: Buffer): Promise<void> {
    this.#recalled ??= this.#recall()
    await this.#recalled
    if (this.#counts.has(key)) return
    const [counted] = await countApart([list.toString()]).catch(() => [])
    this.#counts.set(key, counted ?? this.#estimate(list))
    while (this.#counts.size > REMEMBERED_MAX) this.#counts.delete(this.#counts.keys().next().value as string)
    // An estimate is for this run only.
    if (counted !== undefined) void this.#store?.write(Object.fromEntries(this.#counts))
  }

  #estimate(list: Buffer): number {
    const known = this.#estimates.get(list)
    if (known !== undefined) return known
    const estimate = estimateTokens(list.toString())
    this.#estimates.set(list, estimate)
    return estimate
  }

  async #recall(): Promise<void> {
    const stored = await this.#store?.read()
    for (const [key, tokens] of Object.entries(stored ?? {})) {
      if (Number.isSafeInteger(tokens)) this.#counts.set(key, tokens)
    }
  }
}

function keyOf(list: Buffer): string {
  return createHash('sha256').update(list).digest('base64url').slice(0, 22)
}
