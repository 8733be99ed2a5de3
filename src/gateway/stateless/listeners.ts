/** The streams on which clients of the stateless era listen: opened by a request, answered when they end. */
import { randomUUID } from 'node:crypto'
import type { Envelope } from '../../protocol/envelope.ts'
import { GatewayError } from '../../protocol/errors.ts'
import type { JsonObject, Message } from '../../protocol/message.ts'
import { request as requestOf } from '../../protocol/read.ts'
import { LATEST_SESSION_VERSION } from '../../protocol/versions.ts'
import { remember } from '../announce.ts'
import { SessionExchange } from '../exchange.ts'
import { subscribe } from '../resources.ts'
import { offerTo } from './discover.ts'
import type { StatelessHost } from './host.ts'
import { Listener, type Wanted } from './listener.ts'
import type { StatelessRequest } from './request.ts'

/** More resources cannot be watched on one stream. */
const URIS_MAX = 1_000

export class Listeners {
  readonly #host: StatelessHost
  readonly #open = new Set<Listener>()

  constructor(host: StatelessHost) {
    this.#host = host
  }

  get size(): number {
    return this.#open.size
  }

  [Symbol.iterator](): Iterator<Listener> {
    return this.#open[Symbol.iterator]()
  }

  /**
   * Listens for a request until its client leaves, which resolves with undefined, or we end it, which resolves with its result.
   * Throws `GatewayError` where the request is no good, or too many listen.
   */
  async listen(request: StatelessRequest, envelope: Envelope): Promise<Message | undefined> {
    const wanted = wantedBy(request.message)
    if (this.#open.size >= this.#host.limits.streams)
      throw new GatewayError('overloaded', 'too many streams are open for changes; try again later')
    const listener = this.#make(request, envelope)
    request.onCancel = () => listener.leave()
    try {
      await this.#tell(listener, wanted)
      return await listener.ended
    } finally {
      this.#open.delete(listener)
      this.#host.end(listener)
    }
  }

  /** Ends the streams of endpoints that a reload has taken away. */
  prune(): void {
    for (const listener of this.#open) {
      const { endpoint } = listener
      if (endpoint.name !== undefined && endpoint.members.length === 0) listener.finish()
    }
  }

  /** Ends all streams in order. */
  close(): void {
    for (const listener of this.#open) listener.finish()
  }

  #make({ message, origin, outlet }: StatelessRequest, { capabilities, info }: Envelope): Listener {
    const { door, wishes, folder } = origin
    // For servers it is a client that has a stream, as sessions have.
    const introduction = { version: LATEST_SESSION_VERSION, capabilities, info }
    const listener = new Listener(randomUUID(), { door, introduction, outlet, wishes, folder }, message.id)
    this.#host.endpoints.assign(listener)
    this.#open.add(listener)
    remember(listener, this.#host)
    return listener
  }

  async #tell(listener: Listener, wanted: Wanted): Promise<void> {
    const { capabilities } = await offerTo(listener, this.#host)
    const changing = (capability: string): boolean => {
      const declared = capabilities[capability] as JsonObject | undefined
      return declared?.listChanged === true
    }
    const uris = await Promise.all((wanted.resourceSubscriptions ?? []).map((uri) => watch(listener, uri)))
    listener.acknowledge({
      ...(wanted.toolsListChanged && changing('tools') && { toolsListChanged: true }),
      ...(wanted.promptsListChanged && changing('prompts') && { promptsListChanged: true }),
      ...(wanted.resourcesListChanged && changing('resources') && { resourcesListChanged: true }),
      ...(wanted.resourceSubscriptions && { resourceSubscriptions: uris.flatMap((uri) => uri ?? []) }),
    })
  }
}

/** Watches a resource for a client; undefined where no server tells of it. */
async function watch(listener: Listener, uri: string): Promise<string | undefined> {
  const message = requestOf(0, 'resources/subscribe', { uri })
  const reply = await subscribe(new SessionExchange(listener, message, { send: () => undefined })).catch(() => undefined)
  return reply?.kind === 'result' ? uri : undefined
}

/** What `notifications` asks for. Throws `invalid_params` where that is not of its form. */
function wantedBy({ params }: Message): Wanted {
  const { notifications } = params
  if (typeof notifications !== 'object' || notifications === null || Array.isArray(notifications))
    throw new GatewayError('invalid_params', 'subscriptions/listen needs notifications: an object that says what to hear of')
  const { resourceSubscriptions: uris = [], toolsListChanged, promptsListChanged, resourcesListChanged } = notifications
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string') || uris.length > URIS_MAX)
    throw new GatewayError('invalid_params', `notifications.resourceSubscriptions must be a list of at most ${URIS_MAX} URIs`)
  return {
    toolsListChanged: toolsListChanged === true,
    promptsListChanged: promptsListChanged === true,
    resourcesListChanged: resourcesListChanged === true,
    ...(notifications.resourceSubscriptions !== undefined && { resourceSubscriptions: [...new Set(uris)] }),
  }
}
