/** A client inside this process, for commands that use the gateway without listening. */
import type { Catalog } from '../catalog/catalog.ts'
import type { Engine } from '../gateway/engine.ts'
import type { Outlet } from '../gateway/questions.ts'
import type { Session } from '../gateway/session.ts'
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
    const params = {
      protocolVersion: LATEST_SESSION_VERSION,
      capabilities: {},
      clientInfo: { name: 'mcp-gw-cli', version: VERSION },
    }
    const initialize = request(0, 'initialize', params)
    const { session } = await engine.open({
      door: engine.endpoints.main,
      initialize,
      outlet,
      wishes: { surface: 'direct' },
      folder: workFolder(process.cwd()),
    })
    const client = new LocalClient(engine, session, outlet)
    await engine.receive(session, notification('notifications/initialized'), outlet)
    await session.settled
    return client
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
