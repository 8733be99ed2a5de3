/** The `subscriptions/listen` requests that the client has open: each goes on at the next gateway, and the client is told what it may have missed. */
import type { JsonObject, Message } from '../../protocol/message.ts'
import { SUBSCRIPTION_KEY } from '../../protocol/meta-keys.ts'
import { notification } from '../../protocol/read.ts'
import type { Entry } from './held.ts'

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
/** What a gateway answers that cannot at the moment, where any other error means the request itself. */
const INTERNAL = -32603
/** Between the end of a stream and the next one, while the gateway is there. */
const AGAIN_MS = 250

/** By what was acknowledged: the notification that tells of a change. */
const CHANGES: Record<string, string> = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
}

export class Listens {
  /** Those that a gateway has acknowledged. */
  readonly #open = new Set<Message>()
  /** Those that have no gateway at the moment. */
  #stranded: Entry[] = []

  /** The client listens. */
  get any(): boolean {
    return this.#open.size > 0
  }

  static is({ method }: Message): boolean {
    return method === 'subscriptions/listen'
  }

  /** The client, or a refusal, has ended the one with this id (JSON text). */
  forget(id: string): void {
    for (const request of this.#open) if (request.id === id) this.#open.delete(request)
  }

  /** Its stream is over, which the client need not know. Where it is to go on, that is done by `send`, or later by `takeStranded`. */
  goesOn(entry: Entry, send: (entry: Entry) => boolean): boolean {
    const { message } = entry
    if (!this.#open.has(message)) return false
    const again = (): void => {
      if (this.#open.has(message) && !send(entry)) this.#stranded.push(entry)
    }
    setTimeout(again, AGAIN_MS)
    return true
  }

  takeStranded(): Entry[] {
    return this.#stranded.splice(0).filter(({ message }) => this.#open.has(message))
  }

  /** What the client gets of a message that came for this request; undefined where the message concerns no such request. */
  heard(request: Message | undefined, message: Message): Buffer[] | undefined {
    if (!request || !Listens.is(request)) return undefined
    // Its end in good order is the gateway's end, not that of the client's request; so is that of one that takes nobody in any more.
    const passing = message.kind === 'result' || (message.kind === 'error' && message.body.code === INTERNAL)
    if (passing && this.#open.has(request)) return []
    if (message.kind === 'error') this.#open.delete(request)
    if (message.method !== ACKNOWLEDGED) return [message.bytes]
    if (this.#open.has(request)) return missed(request, message.params.notifications as JsonObject | undefined)
    this.#open.add(request)
    return [message.bytes]
  }
}

/** What may have changed while no gateway listened: everything that the client wants to hear of. */
function missed(request: Message, honoured: JsonObject = {}): Buffer[] {
  const _meta = { [SUBSCRIPTION_KEY]: JSON.parse(request.id) as string | number }
  const lists = Object.entries(CHANGES).flatMap(([flag, method]) =>
    honoured[flag] === true ? notification(method, { _meta }).bytes : [],
  )
  const uris = Array.isArray(honoured.resourceSubscriptions) ? honoured.resourceSubscriptions : []
  const updates = uris.map((uri) => notification('notifications/resources/updated', { uri, _meta }).bytes)
  return [...lists, ...updates]
}
