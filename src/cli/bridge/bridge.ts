/** Carries one client to the running gateway, and to the next one when that is restarted, without the client noticing. */
import type { Message } from '../../protocol/message.ts'
import { errorReply } from '../../protocol/read.ts'
import { TransientMap } from '../../std/transient-map.ts'
import { catchUp } from './catch-up.ts'
import type { ClientPipe } from './client-pipe.ts'
import { Connector } from './connector.ts'
import type { Flows } from './flows.ts'
import type { GatewayAddress } from './gateway-address.ts'
import { type Entry, Held } from './held.ts'
import { Link } from './link.ts'
import { Listens } from './listens.ts'
import { type End, interruption, type Posted } from './posted.ts'
import { Questions } from './questions.ts'
import { Remembered } from './remembered.ts'
import { settle } from './repeats.ts'

/** After the client has closed its end, answers that are under way may still come for so long. */
const LINGER_MS = 2_000

interface Flying {
  readonly entry: Entry
  readonly link: Link
  posted: Posted | undefined
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
  readonly #listens = new Listens()
  #remembered = new Remembered()
  #link: Link | undefined
  readonly #held = new Held(() => this.#expire())
  /** By their place in the order in which they came. */
  readonly #flying = new TransientMap<number, Flying>()
  /** Messages after which the next ones have to wait: until there is a session, until a notification was taken. */
  #gate = 0
  #seq = 0
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
      waiting: () => this.#held.size > 0,
      remembered: () => this.#remembered,
      listening: () => this.#listens.any,
      message: (link, message) => this.#deliver(link, message),
      failed: (why) => this.#fail(this.#held.takeAll(), why),
    })
  }

  /** Serves until the client closes its end. */
  async run(): Promise<void> {
    await this.#pipe.serve((message) => this.#take(message))
    for (const flying of this.#flying.values()) if (Listens.is(flying.entry.message)) this.#abort(flying)
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
    this.#held.add({ message, seq: this.#seq++, since: Date.now(), repeats: 0 })
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
    const held = this.#held.drop(id)
    this.#listens.forget(id)
    const flying = [...this.#flying.values()].find(({ entry }) => entry.message.id === id)
    if (flying) flying.cancelled = true
    if (flying && flying.entry.message.claimStart >= 0) {
      this.#abort(flying)
      return true
    }
    return held || flying === undefined || flying.link !== this.#link
  }

  /** In the stateless era a request is given up by its connection, which goes with it. */
  #abort({ entry, posted }: Flying): void {
    this.#flying.delete(entry.seq)
    posted?.abort()
    this.#hush()
  }

  #expire(): void {
    this.#fail(this.#held.takeLate(), `the gateway cannot be reached${this.#connector.why}; see mcp-gw status`)
  }

  #pump(): void {
    while (this.#held.size > 0 && this.#gate === 0) {
      const link = this.#link
      if (!link) return void this.#reconnect()
      this.#send(link, this.#held.next() as Entry)
    }
    this.#hush()
  }

  async #reconnect(): Promise<void> {
    const link = await this.#connector.connect()
    if (!link) return
    this.#link = link
    for (const entry of this.#listens.takeStranded()) this.#send(link, entry)
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
    const flying: Flying = { entry, link, posted: undefined, cancelled: false }
    this.#flying.set(entry.seq, flying)
    const opening = message.method === 'initialize'
    if (opening) this.#gate++
    flying.posted = link.request(message, {
      message: (received) => this.#deliver(link, received, entry),
      end: (ended) =>
        settle(entry, ended, this.#remembered, (end) => {
          if (opening) this.#gate--
          this.#over(flying, end)
        }),
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
    if (kind === 'refused') {
      this.#listens.forget(message.id)
      this.#reply(message, why)
    } else if (!cancelled && this.#listens.goesOn(entry, (again) => this.#resend(again))) this.#hush()
    else if (kind !== 'over' && !cancelled) {
      if (kind === 'untaken' || kind === 'again') this.#held.add(entry)
      else this.#reply(message, interruption(message, why))
    }
    this.#pump()
  }

  /** Sends it anew; false where there is no gateway now. */
  #resend(entry: Entry): boolean {
    if (this.#link) this.#send(this.#link, entry)
    else void this.#reconnect()
    return this.#link !== undefined
  }

  #deliver(link: Link, message: Message, entry?: Entry): void {
    const heard = this.#listens.heard(entry?.message, message)
    if (heard) return this.#pass(heard)
    if (message.kind === 'request') return this.#pipe.send(this.#questions.ask(link, message))
    if (message.kind === 'notification') {
      const bytes = message.method === 'notifications/cancelled' ? this.#questions.withdrawn(link, message) : [message.bytes]
      return bytes && this.#pipe.send(bytes)
    }
    if (message.id !== entry?.message.id) return
    if (message.kind === 'result') this.#remembered.note(entry.message, message)
    this.#pipe.send([message.bytes])
  }

  #pass(messages: Buffer[]): void {
    for (const bytes of messages) this.#pipe.send([bytes])
  }

  /** The gateway is gone, or has forgotten the session. */
  #lost(link: Link, why = ''): void {
    if (this.#link !== link) return
    this.#link = undefined
    link.close()
    this.#connector.lost(why)
    this.#pass(this.#questions.lost(link))
    // Also while nobody waits: the gateway may have news.
    if (this.#remembered.initialize || this.#listens.any) void this.#reconnect()
  }

  #fail(entries: Entry[], why: string): void {
    for (const { message } of entries) if (message.kind === 'request') this.#reply(message, why)
    this.#hush()
  }

  #reply(request: Message, why: string): void {
    this.#pipe.send(errorReply(-32603, why).withId(request.id))
  }

  #hush(): void {
    if (this.#held.size === 0 && this.#flying.size === 0 && this.#gate === 0) this.#quiet?.()
  }
}
