/** Finds the gateway, waits for it or has it started, and brings a new session to where the last one was. */
import type { Message } from '../../protocol/message.ts'
import { isMalformed, notification, readMessage } from '../../protocol/read.ts'
import type { GatewayAddress } from './gateway-address.ts'
import type { Link } from './link.ts'
import type { Remembered } from './remembered.ts'

const PAUSE_MIN_MS = 50
const PAUSE_WAITING_MAX_MS = 1_000
const PAUSE_IDLE_MAX_MS = 5_000
const ANSWER_MS = 30_000
const OUR_ID = 'mcp-gw connect'

export interface ConnectorSetup {
  address: GatewayAddress
  link(url: string): Promise<Link>
  /** Whether somebody waits for the gateway: only then is one started. */
  waiting(): boolean
  remembered(): Remembered
  /** The client listens for changes and need not ask for anything: the gateway is waited for, but not started. */
  listening(): boolean
  /** A message that came beside the answer to a request of ours. */
  message(link: Link, message: Message): void
  /** There is no gateway for a reason that waiting does not mend. */
  failed(why: string): void
}

export class Connector {
  readonly #setup: ConnectorSetup
  #connecting = false
  #stopped = false
  #failures = 0
  #downSince = 0
  #reason = ''
  #asked = 0
  #wake: (() => void) | undefined

  constructor(setup: ConnectorSetup) {
    this.#setup = setup
  }

  /** Why the last attempt failed, for the end of a sentence. */
  get why(): string {
    return this.#reason && ` (${this.#reason})`
  }

  /** The gateway has answered. */
  reached(): void {
    this.#failures = 0
    this.#downSince = 0
  }

  lost(why: string): void {
    this.#downSince ||= Date.now()
    this.#failed(why)
  }

  stop(): void {
    this.#stopped = true
    this.#wake?.()
  }

  /** A link that is ready to be used; undefined where another call sees to it, or nobody needs one any more. */
  async connect(): Promise<Link | undefined> {
    this.#wake?.()
    if (this.#connecting) return undefined
    this.#connecting = true
    let link: Link | undefined
    while (!link && this.#needed()) {
      await this.#pause()
      link = await this.#attempt()
    }
    this.#connecting = false
    return this.#stopped ? undefined : link
  }

  /** The result of a request of our own; undefined where there is none. */
  ask(link: Link, request: Message): Promise<Message | undefined> {
    const ours = underId(request, JSON.stringify(`${OUR_ID} ${++this.#asked}`))
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ANSWER_MS, undefined)
      link.request(ours, {
        message: (message) => {
          if (message.kind === 'result') resolve(message)
          else if (message.kind === 'error') this.#reason = String(message.body.message)
          else this.#setup.message(link, message)
        },
        end: ({ message }) => {
          if (message) this.#reason = message
          clearTimeout(timer)
          resolve(undefined)
        },
      })
    })
  }

  #needed(): boolean {
    const { waiting, remembered, listening } = this.#setup
    return !this.#stopped && (waiting() || listening() || remembered().initialize !== undefined)
  }

  async #attempt(): Promise<Link | undefined> {
    const { address } = this.#setup
    try {
      let url = address.find()
      const late = this.#failures > 0 || url === undefined
      if (late && this.#setup.waiting() && Date.now() - this.#downSince >= address.patienceMs)
        url = (await address.start()) ?? url
      const link = url === undefined ? undefined : await this.#setup.link(url)
      if (link && (await this.#replay(link))) return link
      link?.close()
      this.#failed(this.#reason || 'none is running')
    } catch (error) {
      this.#failed((error as Error).message)
      this.#setup.failed((error as Error).message)
    }
    return undefined
  }

  /** Tells a new session what the last one knew; false where that cannot be done now. */
  async #replay(link: Link): Promise<boolean> {
    const remembered = this.#setup.remembered()
    const { initialize, level, ready } = remembered
    if (!initialize) return true
    if (!(await this.ask(link, initialize))) return false
    if (ready && !(await link.tell(notification('notifications/initialized').bytes))) return false
    if (level) await this.ask(link, level)
    if (ready) link.listen()
    this.reached()
    return true
  }

  #failed(why: string): void {
    this.#failures++
    this.#reason = why
  }

  async #pause(): Promise<void> {
    if (this.#failures === 0) return
    const max = this.#setup.waiting() ? PAUSE_WAITING_MAX_MS : PAUSE_IDLE_MAX_MS
    const ms = Math.min(max, PAUSE_MIN_MS * 2 ** Math.min(this.#failures - 1, 10))
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      // Somebody who comes now does not wait for the end of a pause that nobody minded; the shortest pause stays.
      if (max === PAUSE_IDLE_MAX_MS) {
        this.#wake = () => {
          clearTimeout(timer)
          setTimeout(resolve, PAUSE_MIN_MS)
        }
      }
    })
    this.#wake = undefined
  }
}

function underId(message: Message, id: string): Message {
  const ours = readMessage(Buffer.concat(message.withId(id)))
  if (isMalformed(ours)) throw new Error(`${message.method} cannot be repeated`)
  return ours
}
