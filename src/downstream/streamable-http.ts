/** The session era over HTTP: POST, GET and DELETE of an MCP endpoint (specification: Transports, Streamable HTTP). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Endpoint } from '../gateway/endpoint.ts'
import type { Engine } from '../gateway/engine.ts'
import type { Outlet } from '../gateway/questions.ts'
import type { Session } from '../gateway/session.ts'
import { GatewayError, toReply } from '../protocol/errors.ts'
import type { Chunks, Malformed, Message } from '../protocol/message.ts'
import { errorReply, isMalformed, readBatch, readMessage } from '../protocol/read.ts'
import { ASSUMED_VERSION, BATCH_VERSIONS, SESSION_VERSIONS } from '../protocol/versions.ts'
import { Answer, sendJson } from './answer.ts'
import { readRequest } from './body.ts'
import { parseEventId, STREAM_HEADERS } from './event-log.ts'
import { HttpSession } from './http-session.ts'
import { reportedFolder } from './reported-folder.ts'
import { isStatelessPost, StatelessHttp } from './stateless-http.ts'
import { wishesOf } from './wishes.ts'

/** More requests in one body are refused. */
const BATCH_MAX = 100

export class StreamableHttp {
  readonly #engine: Engine
  readonly #bodyBytesMax: () => number
  readonly #sessions = new Map<Session, HttpSession>()
  readonly #stateless: StatelessHttp

  constructor(engine: Engine, { bodyBytesMax, keepOpen }: { bodyBytesMax(): number; keepOpen(res: ServerResponse): void }) {
    this.#engine = engine
    this.#stateless = new StatelessHttp(engine, keepOpen)
    this.#bodyBytesMax = bodyBytesMax
  }

  async handle(req: IncomingMessage, res: ServerResponse, endpoint: Endpoint): Promise<void> {
    if (req.method === 'POST') return this.#post(req, res, endpoint)
    if (req.method === 'GET') return this.#get(req, res, endpoint)
    if (req.method === 'DELETE') return this.#delete(req, res, endpoint)
    res.setHeader('allow', 'GET, POST, DELETE')
    throw new GatewayError('method_not_allowed', `${req.method} is not a method of an MCP endpoint`)
  }

  /** The session has ended: its streams end with it. */
  ended(session: Session): void {
    this.#sessions.get(session)?.close()
    this.#sessions.delete(session)
  }

  async #post(req: IncomingMessage, res: ServerResponse, endpoint: Endpoint): Promise<void> {
    if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '')) {
      throw new GatewayError('unsupported_media', 'the content type must be application/json')
    }
    const body = await readRequest(req, this.#bodyBytesMax())
    const batch = readBatch(body)
    // An array with a part that is no JSON is no JSON itself.
    const broken = batch?.find((part): part is Malformed => isMalformed(part) && part.code === -32700)
    if (broken) return sendJson(res, 400, malformedReply({ ...broken, id: 'null' }))
    if (batch) return this.#batch(req, res, endpoint, batch)
    const message = readMessage(body)
    if (isMalformed(message)) return sendJson(res, 400, malformedReply(message))
    if (isStatelessPost(req, message)) return this.#stateless.post(req, res, endpoint, message)
    if (message.method === 'initialize' && message.kind === 'request') return this.#initialize(req, res, endpoint, message)
    const http = this.#sessionOf(req, res, endpoint, message)
    if (!http) return
    const session = http.session as Session
    if (message.kind !== 'request') {
      await this.#engine.receive(session, message, http.push)
      res.writeHead(202).end()
      return
    }
    const answer = new Answer(req, res, http)
    answer.begin()
    answer.finish(await this.#engine.receive(session, message, answer))
  }

  async #initialize(req: IncomingMessage, res: ServerResponse, endpoint: Endpoint, message: Message): Promise<void> {
    const http = new HttpSession()
    const reply = new Answer(req, res, http)
    try {
      const { session, answer } = await this.#engine.open({
        door: endpoint,
        initialize: message,
        outlet: http.push,
        wishes: wishesOf(req),
        folder: reportedFolder(req),
      })
      http.session = session
      this.#sessions.set(session, http)
      res.setHeader('mcp-session-id', session.id)
      reply.finish(answer)
    } catch (error) {
      sendJson(res, error instanceof GatewayError ? error.wire.http : 500, toReply(error).withId(message.id))
    }
  }

  /** A batch of 2025-03-26: requests are answered together, the rest is taken in. */
  async #batch(req: IncomingMessage, res: ServerResponse, endpoint: Endpoint, batch: (Message | Malformed)[]): Promise<void> {
    if (batch.some((part) => !isMalformed(part) && part.claimStart >= 0))
      throw new GatewayError('invalid_request', 'a message that claims a revision without sessions must not be part of a batch')
    const http = this.#sessionOf(req, res, endpoint)
    if (!http) return
    const session = http.session as Session
    const version = String(req.headers['mcp-protocol-version'] ?? session.version ?? ASSUMED_VERSION)
    if (!BATCH_VERSIONS.has(version))
      throw new GatewayError('invalid_request', `batches do not exist in protocol version ${version}`)
    if (batch.length === 0 || batch.length > BATCH_MAX)
      throw new GatewayError('invalid_request', `a batch has 1 to ${BATCH_MAX} messages`)
    const collected = new Answer(req, res, http)
    const answers = await Promise.all(batch.map((message) => this.#one(session, message, collected)))
    const parts = answers.flatMap((answer) => (answer ? [Buffer.concat(answer)] : []))
    if (parts.length === 0) return collected.finish(undefined)
    const joined = parts.flatMap((part, index) => [Buffer.from(index === 0 ? '[' : ','), part])
    collected.finish([...joined, Buffer.from(']')])
  }

  async #one(session: Session, message: Message | Malformed, outlet: Outlet): Promise<Chunks | undefined> {
    if (isMalformed(message)) return malformedReply(message)
    if (message.method === 'initialize') return errorReply(-32600, 'initialize must not be part of a batch').withId(message.id)
    return this.#engine.receive(session, message, outlet)
  }

  async #get(req: IncomingMessage, res: ServerResponse, endpoint: Endpoint): Promise<void> {
    if (!req.headers['mcp-session-id']) {
      // 405 tells a client that has not opened a session that there is no stream without one.
      res.setHeader('allow', 'POST')
      throw new GatewayError('method_not_allowed', 'a stream needs the Mcp-Session-Id that initialize gave')
    }
    const http = this.#sessionOf(req, res, endpoint)
    if (!http) return
    const session = http.session as Session
    if (!/text\/event-stream|\*\/\*/.test(req.headers.accept ?? '*/*')) {
      throw new GatewayError('not_acceptable', 'the client must accept text/event-stream')
    }
    const lastEventId = req.headers['last-event-id']
    const from = lastEventId === undefined ? undefined : parseEventId(String(lastEventId))
    const log = lastEventId === undefined ? http.push : from && http.stream(from.stream)
    if (!log)
      throw new GatewayError('session_required', `nothing is known of the event ${String(lastEventId)}; open a new stream`)
    res.writeHead(200, STREAM_HEADERS)
    res.flushHeaders()
    log.attach(res, false, from?.n)
    if (log !== http.push) return
    session.attached = true
    res.once('close', () => {
      session.attached = http.push.attached
      session.lastActive = Date.now()
    })
  }

  async #delete(req: IncomingMessage, res: ServerResponse, endpoint: Endpoint): Promise<void> {
    const http = this.#sessionOf(req, res, endpoint)
    if (!http) return
    this.#engine.end(http.session as Session)
    res.writeHead(204).end()
  }

  /** The session that a request names; where there is none, the refusal is sent already. */
  #sessionOf(req: IncomingMessage, res: ServerResponse, endpoint: Endpoint, message?: Message): HttpSession | undefined {
    const id = req.headers['mcp-session-id']
    const refuse = (error: GatewayError): undefined => {
      sendJson(res, error.wire.http, toReply(error).withId(message?.id || 'null'))
    }
    if (id === undefined) {
      // A probe for the stateless era: it is to learn that this endpoint has sessions.
      if (message?.method === 'server/discover')
        return refuse(new GatewayError('unknown_without_session', 'Method not found: server/discover'))
      return refuse(new GatewayError('session_required', 'the Mcp-Session-Id that initialize gave is missing'))
    }
    const session = this.#engine.sessions.get(String(id))
    const http = session && this.#sessions.get(session)
    if (!session || !http || session.door !== endpoint) {
      return refuse(new GatewayError('session_unknown', 'this session has ended or never was; initialize again'))
    }
    const version = req.headers['mcp-protocol-version']
    if (version !== undefined && !SESSION_VERSIONS.some((known) => known === version)) {
      return refuse(
        new GatewayError(
          'invalid_request',
          `unsupported MCP-Protocol-Version ${version}; supported are ${SESSION_VERSIONS.join(', ')}`,
        ),
      )
    }
    return http
  }
}

export function malformedReply({ code, message, id }: Malformed): Chunks {
  return errorReply(code, message).withId(id)
}
