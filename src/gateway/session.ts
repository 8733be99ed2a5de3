/** The state of one client: in the session era from initialize to its end, in the stateless one for as long as requests like it come. */
import type { Asked, Client } from '../call/exchange.ts'
import type { SurfaceMode } from '../catalog/surface.ts'
import { type Capabilities, canAnswer, capabilities } from '../protocol/capabilities.ts'
import type { GatewayError } from '../protocol/errors.ts'
import type { Chunks, JsonObject, Message } from '../protocol/message.ts'
import { request } from '../protocol/read.ts'
import { type RootSet, readRoots } from '../protocol/roots.ts'
import { type Era, eraOf, negotiate } from '../protocol/versions.ts'
import { TransientMap } from '../std/transient-map.ts'
import type { Section } from '../upstream/listing.ts'
import type { Endpoint } from './endpoint.ts'
import { type Outlet, Questions } from './questions.ts'
import { ClientWorkspace } from './workspace.ts'

/** A request that can be given up, and on whose stream the client can be asked. */
interface UnderWay {
  cancel(reason: string, farewell?: GatewayError): void
  ask(question: Message): Asked
}

/** What a client says of itself. */
export interface Introduction {
  readonly version: string
  readonly capabilities: Capabilities
  /** `clientInfo` as the client sent it. */
  readonly info: JsonObject
}

/** What a session is made of. */
export interface SessionSetup {
  door: Endpoint
  introduction: Introduction
  /** Takes what belongs to none of its requests. */
  outlet: Outlet
  wishes?: Wishes
  /** The folder that the client was started in, where whoever brings it can tell. */
  folder?: string | undefined
}

/** How a session begins. */
export interface Opening extends Omit<SessionSetup, 'introduction'> {
  initialize: Message
}

/** What a client asks for beside its `initialize`, in the URL or in headers. */
export interface Wishes {
  surface?: SurfaceMode
}

/** A program answers at once where it works; one that does not is not waited for by a person. */
const ROOTS_TIMEOUT_MS = 10_000

/** What `initialize` says of the client. */
export function introductionOf({ params }: Message): Introduction {
  return {
    version: negotiate(params.protocolVersion),
    capabilities: capabilities(params.capabilities),
    info: (params.clientInfo ?? {}) as JsonObject,
  }
}

export class Session implements Client {
  readonly id: string
  /** Where it came in. */
  readonly door: Endpoint
  /** What it is shown: that of the door, or of a profile that was chosen for it. */
  endpoint: Endpoint
  readonly wishes: Wishes
  readonly version: string
  readonly era: Era
  readonly capabilities: Capabilities
  readonly info: JsonObject
  readonly workspace: ClientWorkspace
  readonly questions = new Questions()
  /** By the client's id as JSON text: what it asked and has no answer to. */
  readonly inFlight = new TransientMap<string, UnderWay>()
  /** The bytes of each list as the client knows it. */
  readonly shown = new Map<Section, Buffer>()
  logLevel: string | undefined
  lastActive: number
  /** Resolves when the servers that this client starts are up, or have failed. */
  settled: Promise<unknown> = Promise.resolve()
  /** When it last began to settle. */
  settlingSince: number
  readonly #outlet: Outlet
  readonly #reachable: Promise<void>
  #reached: (() => void) | undefined
  #initialized = false
  #attached = false
  #closed = false

  constructor(id: string, { door, introduction, outlet, wishes = {}, folder }: SessionSetup, now: number) {
    this.id = id
    this.door = door
    this.endpoint = door
    this.wishes = wishes
    this.version = introduction.version
    this.era = eraOf(introduction.version)
    this.capabilities = introduction.capabilities
    this.info = introduction.info
    this.lastActive = now
    this.settlingSince = now
    this.#outlet = outlet
    this.#reachable = new Promise((resolve) => {
      this.#reached = resolve
    })
    const tellsRoots = canAnswer(this.capabilities, 'roots/list')
    this.workspace = new ClientWorkspace(tellsRoots ? () => this.#askRoots() : undefined, folder)
  }

  /** Whom what is kept for it belongs to; equal where two of them are the same client. */
  get owner(): string {
    return this.id
  }

  /** The client has said that it is ready. */
  set initialized(ready: boolean) {
    this.#initialized = ready
    this.#look()
  }

  /** A stream is open by which the client hears of things that belong to no request. */
  get attached(): boolean {
    return this.#attached
  }

  set attached(open: boolean) {
    this.#attached = open
    this.#look()
  }

  get closed(): boolean {
    return this.#closed
  }

  /** A request of the client is under way, until `done`. */
  begin(id: string, request: UnderWay): void {
    this.inFlight.set(id, request)
    this.#look()
  }

  done(id: string): void {
    this.inFlight.delete(id)
    this.lastActive = Date.now()
  }

  /** The session is over: what the client asked is cancelled, with this answer where it still waits; what was asked of it fails. */
  close(farewell?: GatewayError): void {
    this.#closed = true
    for (const request of this.inFlight.values()) request.cancel('the session has ended', farewell)
    this.questions.close()
    this.#look()
  }

  notify(notification: Chunks): void {
    if (!this.closed) this.#outlet.send(notification)
  }

  ask(question: Message): Asked {
    return this.questions.ask(question, this.#outlet)
  }

  async #askRoots(): Promise<RootSet | undefined> {
    await this.#reachable
    if (this.#closed) return undefined
    // A client that has opened no stream of its session listens on those of its requests.
    const [along = this] = this.#attached ? [] : this.inFlight.values()
    const asked = along.ask(request(0, 'roots/list'))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, ROOTS_TIMEOUT_MS, undefined)
    })
    // Whoever leaves meanwhile works nowhere any more.
    const answer = await Promise.race([asked.answer, late]).catch(() => undefined)
    clearTimeout(timer)
    if (!answer) asked.withdraw()
    return answer && readRoots(answer)
  }

  /** A client can be asked something once it has said that it is ready and listens, or waits for an answer of ours. */
  #look(): void {
    if (!this.#reached || !(this.#closed || this.inFlight.size > 0 || (this.#initialized && this.#attached))) return
    this.#reached()
    this.#reached = undefined
  }
}
