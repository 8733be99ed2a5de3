/** What is used and what it costs: calls and bytes by tool, answers of the meta-tools, lists that had to be read again. Kept on disk. */

/** Calls count for half as much after so long, so that what was used once does not stand above what is used now. */
const HALF_LIFE_MS = 7 * 24 * 3_600_000
/** How often the ledger is written, at most. */
const WRITE_MS = 10_000
/** Calls, decayed, that make a tool one that is used often. */
const WEIGHT_MIN = 2.5
/** Tools that nobody has called for longest are forgotten beyond this many. */
const TOOLS_MAX = 5_000

export interface ToolUse {
  calls: number
  /** Bytes of all results together. */
  bytes: number
  /** Epoch milliseconds of the last call. */
  last: number
  /** Calls, decayed as of `last`. */
  weight: number
}

/** What was sent so often, and how many bytes it took together. */
interface Tally {
  count: number
  bytes: number
}

export interface UsageRecord {
  /** Epoch milliseconds of the first record. */
  since: number
  /** By exposed name. */
  tools: Record<string, ToolUse>
  /** Answers of the meta-tools, by name. */
  answers: Record<string, Tally>
  /** Results that were too large to be shown, and how many bytes of them were not. */
  kept: Tally
  /** Lists of tools that a session had to read again because they had changed. */
  changes: Tally
  /** Those that it need not read again, because a change at a server left the very same bytes. */
  spared: Tally
}

/** Keeps the record from one run of the gateway to the next. */
export interface UsageStore {
  read(): Promise<Partial<UsageRecord> | undefined>
  write(record: UsageRecord): Promise<void>
}

export class Usage {
  #record: UsageRecord
  readonly #store: UsageStore | undefined
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined

  constructor(store?: UsageStore, now: () => number = Date.now) {
    this.#store = store
    this.#now = now
    this.#record = emptyRecord(now())
  }

  /** Goes on from what earlier runs have recorded. */
  async recall(): Promise<void> {
    const stored = await this.#store?.read()
    if (stored) this.#record = { ...emptyRecord(this.#now()), ...stored }
  }

  get record(): Readonly<UsageRecord> {
    return this.#record
  }

  called(exposed: string, bytes: number): void {
    const now = this.#now()
    const { tools } = this.#record
    const before = Object.hasOwn(tools, exposed) ? (tools[exposed] as ToolUse) : { calls: 0, bytes: 0, last: now, weight: 0 }
    const weight = decayed(before, now) + 1
    tools[exposed] = { calls: before.calls + 1, bytes: before.bytes + bytes, last: now, weight }
    this.#changed()
  }

  /** A result was kept, and so many bytes of it were not shown. */
  kept(bytes: number): void {
    this.#record.kept = added(this.#record.kept, bytes)
    this.#changed()
  }

  answered(metaTool: string, bytes: number): void {
    const { answers } = this.#record
    answers[metaTool] = added(Object.hasOwn(answers, metaTool) ? answers[metaTool] : undefined, bytes)
    this.#changed()
  }

  /** A change at a server made a session read its list of tools again, or did not. */
  listed(outcome: 'changes' | 'spared', bytes: number): void {
    this.#record[outcome] = added(this.#record[outcome], bytes)
    this.#changed()
  }

  /** How much a tool is used, decayed to this moment. */
  weight(exposed: string): number {
    const { tools } = this.#record
    return Object.hasOwn(tools, exposed) ? decayed(tools[exposed] as ToolUse, this.#now()) : 0
  }

  /** The exposed names of what is used most, and more than now and then; the most used first. */
  favourites(max: number): string[] {
    const weighed = Object.keys(this.#record.tools).map((name) => ({ name, weight: this.weight(name) }))
    const used = weighed.filter(({ weight }) => weight >= WEIGHT_MIN)
    // Equal weights keep one order, whatever order they were called in.
    used.sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
    return used.slice(0, max).map(({ name }) => name)
  }

  /** Writes what has not been written yet. */
  async close(): Promise<void> {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#write()
  }

  #changed(): void {
    if (!this.#store) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#write()
    }, WRITE_MS).unref()
  }

  async #write(): Promise<void> {
    const entries = Object.entries(this.#record.tools)
    if (entries.length > TOOLS_MAX) {
      entries.sort(([, a], [, b]) => b.last - a.last)
      this.#record.tools = Object.fromEntries(entries.slice(0, TOOLS_MAX))
    }
    await this.#store?.write(this.#record)
  }
}

function emptyRecord(since: number): UsageRecord {
  return {
    since,
    tools: {},
    answers: {},
    kept: { count: 0, bytes: 0 },
    changes: { count: 0, bytes: 0 },
    spared: { count: 0, bytes: 0 },
  }
}

function decayed({ weight, last }: ToolUse, now: number): number {
  return weight * 0.5 ** (Math.max(0, now - last) / HALF_LIFE_MS)
}

function added(tally: Tally | undefined, bytes: number): Tally {
  return { count: (tally?.count ?? 0) + 1, bytes: (tally?.bytes ?? 0) + bytes }
}
