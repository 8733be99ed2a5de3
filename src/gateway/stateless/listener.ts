/** A client that listens on a stream of its own: for servers a session, which hears of the changes that it has asked for. */
import type { Asked } from '../../call/exchange.ts'
import { withEnvelope } from '../../protocol/envelope.ts'
import { membersOf } from '../../protocol/members.ts'
import type { Chunks, JsonObject, Message } from '../../protocol/message.ts'
import { SUBSCRIPTION_KEY } from '../../protocol/meta-keys.ts'
import { isMalformed, notification, readMessage, resultOf } from '../../protocol/read.ts'
import type { Outlet } from '../questions.ts'
import { Session, type SessionSetup } from '../session.ts'
import { refusedQuestion } from './lease.ts'

/** What a client wants to hear, and what of it we can tell (specification 2026-07-28: Subscriptions). */
export interface Wanted {
  readonly toolsListChanged?: boolean
  readonly promptsListChanged?: boolean
  readonly resourcesListChanged?: boolean
  readonly resourceSubscriptions?: readonly string[]
}

const LISTS: Record<string, keyof Wanted> = {
  'notifications/tools/list_changed': 'toolsListChanged',
  'notifications/prompts/list_changed': 'promptsListChanged',
  'notifications/resources/list_changed': 'resourcesListChanged',
}

export class Listener extends Session {
  readonly #stream: Outlet
  /** The id of the request that opened the stream, as JSON text: what comes on it is tagged with that. */
  readonly #tag: string
  #wanted: Wanted = {}
  /** What has come before the client was told what it will hear. */
  #held: Chunks[] | undefined = []
  #ended: (result: Message | undefined) => void = () => undefined
  /** Resolves when the stream is to end: with its result where that is in order, with undefined where the client has left. */
  readonly ended: Promise<Message | undefined>

  constructor(id: string, setup: SessionSetup, requestId: string) {
    super(id, setup, Date.now())
    this.#stream = setup.outlet
    this.#tag = `${JSON.stringify(SUBSCRIPTION_KEY)}:${requestId}`
    this.ended = new Promise((resolve) => {
      this.#ended = resolve
    })
  }

  /** Tells the client what it will hear, before it hears any of it. */
  acknowledge(wanted: Wanted): void {
    this.#wanted = wanted
    const params = { notifications: wanted as JsonObject }
    this.#stream.send(this.#tagged(notification('notifications/subscriptions/acknowledged', params)))
    const held = this.#held ?? []
    this.#held = undefined
    for (const one of held) this.notify(one)
  }

  override notify(chunks: Chunks): void {
    if (this.closed) return
    if (this.#held) return void this.#held.push(chunks)
    const message = readMessage(Buffer.concat(chunks))
    if (!isMalformed(message) && this.#hears(message)) this.#stream.send(this.#tagged(message))
  }

  override ask(): Asked {
    return refusedQuestion('a client that only listens answers no questions')
  }

  /** Ends the stream in order: the client may listen anew. */
  finish(): void {
    this.#ended(resultOf(`{"resultType":"complete","_meta":{${this.#tag}}}`))
  }

  /** The client has left. */
  leave(): void {
    this.#ended(undefined)
  }

  #hears({ method }: Message): boolean {
    const list = Object.hasOwn(LISTS, method) ? LISTS[method] : undefined
    return list ? this.#wanted[list] === true : method === 'notifications/resources/updated'
  }

  #tagged(message: Message): Chunks {
    const { bytes, metaStart } = message
    const own = metaStart < 0 ? undefined : membersOf(bytes, metaStart).find(({ key }) => key === SUBSCRIPTION_KEY)
    // A tag of the server's own names its stream to us, which is not this one.
    if (own) return message.with({ start: own.keyStart, end: own.end, json: this.#tag })
    return message.with(...withEnvelope(message, this.#tag))
  }
}
