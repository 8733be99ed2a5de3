/** The state of one client of the session era, from initialize to its end. */
import type { Asked, Client } from '../call/exchange.ts'
import type { SurfaceMode } from '../catalog/surface.ts'
import { type Capabilities, capabilities } from '../protocol/capabilities.ts'
import type { Chunks, JsonObject, Message } from '../protocol/message.ts'
import { negotiate } from '../protocol/versions.ts'
import type { Section } from '../upstream/listing.ts'
import type { Endpoint } from './endpoint.ts'
import { type Outlet, Questions } from './questions.ts'

/** A request that can be given up. */
interface Cancellable {
  cancel(reason: string): void
}

/** How a session begins. */
export interface Opening {
  door: Endpoint
  initialize: Message
  /** Takes what belongs to none of its requests. */
  outlet: Outlet
  wishes?: Wishes
}

/** What a client asks for beside its `initialize`, in the URL or in headers. */
export interface Wishes {
  surface?: SurfaceMode
}

export class Session implements Client {
  readonly id: string
  /** Where it came in. */
  readonly door: Endpoint
  /** What it is shown: that of the door, or of a profile that was chosen for it. */
  endpoint: Endpoint
  readonly wishes: Wishes
  readonly version: string
  readonly capabilities: Capabilities
  readonly info: JsonObject
  readonly questions = new Questions()
  /** By the client's id as JSON text: what it asked and has no answer to. */
  readonly inFlight = new Map<string, Cancellable>()
  /** The bytes of each list as the client knows it. */
  readonly shown = new Map<Section, Buffer>()
  logLevel: string | undefined
  /** The client has said that it is ready. */
  initialized = false
  readonly openedAt: number
  lastActive: number
  /** Resolves when the servers that this client starts are up, or have failed. */
  settled: Promise<unknown> = Promise.resolve()
  closed = false
  /** A stream is open by which the client hears of things that belong to no request. */
  attached = false
  readonly #outlet: Outlet

  constructor(id: string, { door, initialize, outlet, wishes = {} }: Opening, now: number) {
    const { params } = initialize
    this.id = id
    this.door = door
    this.endpoint = door
    this.wishes = wishes
    this.version = negotiate(params.protocolVersion)
    this.capabilities = capabilities(params.capabilities)
    this.info = (params.clientInfo ?? {}) as JsonObject
    this.openedAt = now
    this.lastActive = now
    this.#outlet = outlet
  }

  notify(notification: Chunks): void {
    if (!this.closed) this.#outlet.send(notification)
  }

  ask(question: Message): Asked {
    return this.questions.ask(question, this.#outlet)
  }
}
