/** Keeps the memory of all servers together below what the config allows: whoever was not used for longest sleeps first. */
import type { Log } from '../observe/log.ts'
import { formatSpan } from '../std/duration.ts'
import { formatSize } from '../std/format-size.ts'
import { size } from '../std/size.ts'
import type { ServerOptions } from '../upstream/options.ts'

export const memoryOption = size.optional().meta({
  description:
    'How much memory the processes of all servers may take together. Above it, the server that was not used for longest sleeps ' +
    'first; none that is in use, none with `keep: true`, and one with `idle: never` only after all others.',
})

/** A place that may be put to sleep: it has an instance, and nobody uses it at this moment. */
interface Idle {
  readonly instance: { readonly connection: { readonly pid: number | undefined }; readonly usage: { last: number } } | undefined
}

/** What the budget sees of a server. */
export interface Housed<Place extends Idle = Idle> {
  readonly name: string
  readonly options: Pick<ServerOptions, 'keep' | 'idle'>
  /** Those that run or start. */
  readonly instances: Iterable<{ readonly connection: { readonly pid: number | undefined } }>
  readonly idle: Iterable<Place>
  sleep(place: Place): void
}

export interface MemoryBudgetSetup {
  log: Log
  /** Every server that may have processes. */
  servers(): Iterable<Housed>
  /** The memory of each process and of all that it started, by pid. */
  measure(pids: readonly number[]): Promise<Map<number, number>>
  /** Milliseconds since any moment, without jumps. */
  clock(): number
}

interface Candidate {
  server: Housed
  place: Idle
  pid: number
  lastUsed: number
}

const PAUSE_MIN_MS = 5_000
const PAUSE_MAX_MS = 30_000
/** Where the system is slow to tell, it is asked less often, so that half a percent of the time goes into it. */
const PAUSE_BY_COST = 200
/** A budget that is exceeded, met and exceeded again is no news for so long. */
const WARN_AGAIN_MS = 600_000

export class MemoryBudget {
  /** In bytes; undefined where there is no limit. */
  limit: number | undefined
  readonly #setup: MemoryBudgetSetup
  #dueAt = 0
  #warnedAt: number | undefined

  constructor(limit: number | undefined, setup: MemoryBudgetSetup) {
    this.limit = limit
    this.#setup = setup
  }

  /** Looks whether the budget is met, where it is time to look again. Resolves when what had to go was sent to sleep. */
  async sweep(now: number): Promise<void> {
    const began = this.#setup.clock()
    if (this.limit === undefined || began < this.#dueAt) return
    // One at a time: the next look is set when this one is over.
    this.#dueAt = Number.POSITIVE_INFINITY
    try {
      await this.#settle(now)
    } finally {
      const ended = this.#setup.clock()
      this.#dueAt = ended + Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, (ended - began) * PAUSE_BY_COST))
    }
  }

  async #settle(now: number): Promise<void> {
    const { servers, measure } = this.#setup
    const pids = [...servers()].flatMap(({ instances }) => [...instances].flatMap(({ connection }) => connection.pid ?? []))
    const sizes = await measure(pids)
    const { limit } = this
    if (limit === undefined) return
    let total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
    if (total <= limit) return this.#met(now)
    for (const candidate of this.#candidates(sizes)) {
      this.#sleep(candidate, { now, total, limit, bytes: sizes.get(candidate.pid) as number })
      total -= sizes.get(candidate.pid) as number
      if (total <= limit) return
    }
    this.#warn(now, total, limit)
  }

  /** What may sleep, in the order in which it does. Taken after the measurement, during which anything may have been used. */
  #candidates(sizes: ReadonlyMap<number, number>): Candidate[] {
    const all: Candidate[] = []
    for (const server of this.#setup.servers()) {
      if (server.options.keep) continue
      for (const place of server.idle) {
        const { connection, usage } = place.instance ?? {}
        // What has no memory of ours frees none: a server over HTTP, or one that came up since.
        if (connection?.pid === undefined || !sizes.get(connection.pid)) continue
        all.push({ server, place, pid: connection.pid, lastUsed: usage?.last ?? 0 })
      }
    }
    const meantToStay = ({ server }: Candidate): number => (server.options.idle === 'never' ? 1 : 0)
    return all.sort((a, b) => meantToStay(a) - meantToStay(b) || a.lastUsed - b.lastUsed)
  }

  #sleep(
    { server, place, pid, lastUsed }: Candidate,
    { now, total, limit, bytes }: { now: number; total: number; limit: number; bytes: number },
  ): void {
    const idle = formatSpan(Math.max(0, now - lastUsed) / 1_000)
    const why = `the servers take ${formatSize(total)}, memory allows ${formatSize(limit)}, and it is unused for longest (${idle})`
    this.#setup.log.info({ server: server.name, pid, rssBytes: bytes }, `put to sleep to free ${formatSize(bytes)}: ${why}`)
    server.sleep(place)
  }

  #met(now: number): void {
    if (this.#warnedAt !== undefined && now - this.#warnedAt >= WARN_AGAIN_MS) this.#warnedAt = undefined
  }

  #warn(now: number, total: number, limit: number): void {
    if (this.#warnedAt !== undefined) return
    this.#warnedAt = now
    const over = `the servers take ${formatSize(total)} where memory allows ${formatSize(limit)}`
    this.#setup.log.warn(
      { rssBytes: total, memory: limit },
      `${over}, and those that are left are in use or have keep: true; see mcp-gw ps, and raise memory or keep fewer`,
    )
  }
}
