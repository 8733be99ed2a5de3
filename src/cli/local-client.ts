/** A client inside this process, for commands that use the gateway without listening. */
import type { Catalog } from '../catalog/catalog.ts'
import type { Engine } from '../gateway/engine.ts'
import type { Outlet } from '../gateway/questions.ts'
import type { Opening, Session } from '../gateway/session.ts'
import type { JsonObject, Message } from '../protocol/message.ts'
import { isMalformed, notification, readMessage, request } from '../protocol/read.ts'
import { workFolder } from '../protocol/roots.ts'
import { LATEST_SESSION_VERSION } from '../protocol/versions.ts'
import { VERSION } from './version.ts'

export class LocalClient {
  readonly #engine: Engine
  readonly #session: Session
  readonly #outlet: Outlet
  #nextId = 1

  private constructor(engine: Engine, session: Session, outlet: Outlet) {
    this.#engine = engine
    this.#session = session
    this.#outlet = outlet
  }

  /** Opens a session with all servers of the engine; `heard` gets the notifications that come along. */
  static async open(engine: Engine, heard?: (message: Message) => void): Promise<LocalClient> {
    const outlet: Outlet = {
      send: (chunks) => {
        const message = readMessage(Buffer.concat(chunks))
        if (!isMalformed(message)) heard?.(message)
      },
    }
    const session = await openSession(engine, { name: 'mcp-gw-cli', version: VERSION }, { outlet, wishes: { surface: 'direct' } })
    return new LocalClient(engine, session, outlet)
  }

  /** Everything that this client is shown. */
  get catalog(): Catalog {
    return this.#session.endpoint.catalog(this.#session)
  }

  /** The result of a request; an error of the server or the gateway is thrown with its message. */
  async request(method: string, params: object): Promise<JsonObject> {
    const answer = await this.#engine.receive(this.#session, request(this.#nextId++, method, params), this.#outlet)
    const message = readMessage(Buffer.concat(answer ?? []))
    if (isMalformed(message)) throw new Error('the request got no answer')
    if (message.kind === 'error') throw new Error(String(message.body.message))
    return message.body
  }
}

/** Opens a session as a client that says this of itself, and waits until its servers are up or have failed. */
export async function openSession(
  engine: Engine,
  clientInfo: JsonObject,
  { outlet = { send: () => undefined }, wishes = {} }: Partial<Pick<Opening, 'outlet' | 'wishes'>> = {},
): Promise<Session> {
  const params = { protocolVersion: LATEST_SESSION_VERSION, capabilities: {}, clientInfo }
  const { session } = await engine.open({
    door: engine.endpoints.main,
    initialize: request(0, 'initialize', params),
    outlet,
    wishes,
    folder: workFolder(process.cwd()),
  })
  await engine.receive(session, notification('notifications/initialized'), outlet)
  await session.settled
  return session
}
