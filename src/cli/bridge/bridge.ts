/** Carries one client to the running gateway, and to the next one when that is restarted, without the client noticing. */
import type { Message } from '../../protocol/message.ts'
import { errorReply } from '../../protocol/read.ts'
import { TransientMap } from '../../std/transient-map.ts'
import { catchUp } from './catch-up.ts'
import type { ClientPipe } from './client-pipe.ts'
import { Connector } from './connector.ts'
import type { Flows } from './flows.ts'
import type { GatewayAddress } from './gateway-address.ts'
import { Link } from './link.ts'
import type { End } from './posted.ts'
import { Questions } from './questions.ts'
import { Remembered } from './remembered.ts'

/** How often a request that changes nothing is sent again after the gateway broke off in the middle of it. */
const REPEATS_MAX = 3
/** How long what waits for a gateway waits. */
const HELD_MS = 30_000
/** After the client has closed its end, answers that are under way may still come for so long. */
const LINGER_MS = 2_000

/** A message of the client that has not been settled yet. */
interface Entry {
  readonly message: Message
  readonly seq: number
  readonly since: number
  repeats: number
}

interface Flying {
  readonly entry: Entry
  readonly link: Link
  cancelled: boolean
}

export interface BridgeSetup {
  pipe: ClientPipe
  address: GatewayAddress
  flows: Flows
  /** The folder that the client works in. */
  cwd: string
}

export class Bridge {
  readonly #pipe: ClientPipe
  readonly #connector: Connector
  readonly #questions = new Questions()
  #remembered = new Remembered()
  #link: Link | undefined
  /** What could not be sent yet, in the order in which it came. */
  #held: Entry[] = []
  /** By their place in the order in which they came. */
  readonly #flying = new TransientMap<number, Flying>()
  /** Messages after which the next ones have to wait: until there is a session, until a notification was taken. */
  #gate = 0
  #seq = 0
  #expiry: NodeJS.Timeout | undefined
  #quiet: (() => void) | undefined

  constructor({ pipe, address, flows, cwd }: BridgeSetup) {
    this.#pipe = pipe
    this.#connector = new Connector({
      address,
      link: (url) =>
        Link.to(url, cwd, flows, {
          message: (link, message) => this.#deliver(link, message),
          // What a gateway that is ending still says on an old link does not mean that one is there.
          alive: (link) => link === this.#link && this.#connector.reached(),
          lost: (link) => this.#lost(link),
        }),
      waiting: () => this.#held.length > 0,
      remembered: () => this.#remembered,
      message: (link, message) => this.#deliver(link, message),
      failed: (why) => this.#fail(() => true, why),
    })
  }

  /** Serves until the client closes its end. */
  async run(): Promise<void> {
    await this.#pipe.serve((message) => this.#take(message))
    const quiet = new Promise<void>((resolve) => {
      this.#quiet = resolve
      setTimeout(resolve, LINGER_MS)
      this.#hush()
    })
    await quiet
    await this.end()
  }

  /** Ends the session at once. */
  async end(): Promise<void> {
    this.#connector.stop()
    await this.#link?.end()
  }

  #take(message: Message): void {
    if (message.kind === 'result' || message.kind === 'error') return this.#tell(this.#questions.answered(message))
    if (message.method === 'notifications/progress') return this.#tell(this.#questions.progressed(message))
    if (message.method === 'notifications/cancelled' && this.#cancel(message)) return
    if (message.method === 'initialize' && this.#remembered.initialize) this.#forget()
    this.#hold({ message, seq: this.#seq++, since: Date.now(), repeats: 0 })
    this.#pump()
  }

  #tell(told: { link: Link; bytes: Buffer } | undefined): void {
    if (told?.link === this.#link) void told?.link.tell(told.bytes)
  }

  /** The client opens a new session of its own accord. */
  #forget(): void {
    const link = this.#link
    this.#link = undefined
    this.#remembered = new Remembered()
    void link?.end()
  }

  /** True where the gateway need not hear of it: it does not have the request, or no longer. */
  #cancel(cancelled: Message): boolean {
    const id = cancelled.text(cancelled.requestIdStart, cancelled.requestIdEnd)
    const held = this.#held.findIndex(({ message }) => message.kind === 'request' && message.id === id)
    if (held >= 0) this.#held.splice(held, 1)
    const flying = [...this.#flying.values()].find(({ entry }) => entry.message.id === id)
    if (flying) flying.cancelled = true
    return held >= 0 || flying === undefined || flying.link !== this.#link
  }

  #hold(entry: Entry): void {
    this.#held.push(entry)
    this.#held.sort((a, b) => a.seq - b.seq)
    this.#expiry ??= setTimeout(() => this.#expire(), HELD_MS)
  }

  #expire(): void {
    this.#expiry = undefined
    const before = Date.now() - HELD_MS
    this.#fail(({ since }) => since <= before, `the gateway cannot be reached${this.#connector.why}; see mcp-gw status`)
    const [oldest] = this.#held
    if (oldest) this.#expiry = setTimeout(() => this.#expire(), Math.max(100, oldest.since - before))
  }

  #pump(): void {
    while (this.#held.length > 0 && this.#gate === 0) {
      const link = this.#link
      if (!link) return void this.#reconnect()
      this.#send(link, this.#held.shift() as Entry)
    }
    this.#hush()
  }

  async #reconnect(): Promise<void> {
    const link = await this.#connector.connect()
    if (!link) return
    this.#link = link
    this.#pump()
    if (!this.#remembered.initialize) return
    await catchUp({
      remembered: this.#remembered,
      ask: (request) => this.#connector.ask(link, request),
      tell: (bytes) => this.#pipe.send([bytes]),
      current: () => this.#link === link,
    })
  }

  #send(link: Link, entry: Entry): void {
    const { message } = entry
    if (message.kind === 'notification') return void this.#notify(link, message)
    const flying: Flying = { entry, link, cancelled: false }
    this.#flying.set(entry.seq, flying)
    const opening = message.method === 'initialize'
    if (opening) this.#gate++
    link.request(message, {
      message: (received) => this.#deliver(link, received, entry),
      end: (end) => {
        if (opening) this.#gate--
        this.#over(flying, end)
      },
    })
  }

  async #notify(link: Link, message: Message): Promise<void> {
    if (message.method === 'notifications/initialized') this.#remembered.ready = true
    this.#gate++
    const taken = await link.tell(message.bytes)
    this.#gate--
    if (!taken) this.#lost(link)
    else if (message.method === 'notifications/initialized') link.listen()
    this.#pump()
  }

  #over(flying: Flying, { kind, message: why }: End): void {
    const { entry, link, cancelled } = flying
    const { message } = entry
    this.#flying.delete(entry.seq)
    if (kind === 'untaken') this.#lost(link, why)
    if (kind === 'refused') this.#reply(message, why)
    else if (kind !== 'over' && !cancelled) {
      if (kind === 'untaken' || (this.#remembered.repeatable(message) && ++entry.repeats <= REPEATS_MAX)) this.#hold(entry)
      else this.#reply(message, interruption(message, why))
    }
    this.#pump()
  }

  #deliver(link: Link, message: Message, entry?: Entry): void {
    if (message.kind === 'request') return this.#pipe.send(this.#questions.ask(link, message))
    if (message.kind === 'notification') {
      const bytes = message.method === 'notifications/cancelled' ? this.#questions.withdrawn(link, message) : [message.bytes]
      return bytes && this.#pipe.send(bytes)
    }
    if (message.id !== entry?.message.id) return
    if (message.kind === 'result') this.#remembered.note(entry.message, message)
    this.#pipe.send([message.bytes])
  }

  /** The gateway is gone, or has forgotten the session. */
  #lost(link: Link, why = ''): void {
    if (this.#link !== link) return
    this.#link = undefined
    link.close()
    this.#connector.lost(why)
    for (const notice of this.#questions.lost(link)) this.#pipe.send([notice])
    // Also while nobody waits: the gateway may have news.
    if (this.#remembered.initialize) void this.#reconnect()
  }

  #fail(which: (entry: Entry) => boolean, why: string): void {
    const failed = this.#held.filter(which)
    this.#held = this.#held.filter((entry) => !which(entry))
    for (const { message } of failed) if (message.kind === 'request') this.#reply(message, why)
    this.#hush()
  }

  #reply(request: Message, why: string): void {
    this.#pipe.send(errorReply(-32603, why).withId(request.id))
  }

  #hush(): void {
    if (this.#held.length === 0 && this.#flying.size === 0 && this.#gate === 0) this.#quiet?.()
  }
}

function interruption({ method, name }: Message, why: string): string {
  const what = name ? `${method} ${name}` : method
  return `the gateway went away while it worked on ${what}, which may have run (${why})`
}
