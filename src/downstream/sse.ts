/** The transport of 2024-11-05 for clients that know no other: one event stream down, one POST a message up. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Endpoint } from '../gateway/endpoint.ts'
import type { Engine } from '../gateway/engine.ts'
import type { Outlet } from '../gateway/questions.ts'
import type { Session, Wishes } from '../gateway/session.ts'
import { GatewayError, toReply } from '../protocol/errors.ts'
import { messageEvent } from '../protocol/event-stream.ts'
import type { Chunks, Message } from '../protocol/message.ts'
import { isMalformed, readMessage } from '../protocol/read.ts'
import { readRequest } from './body.ts'
import { STREAM_HEADERS } from './event-log.ts'
import { malformedReply } from './streamable-http.ts'
import { wishesOf } from './wishes.ts'

interface Line extends Outlet {
  endpoint: Endpoint
  wishes: Wishes
  session: Session | undefined
  res: ServerResponse
}

export class LegacySse {
  readonly #engine: Engine
  readonly #bodyBytesMax: () => number
  readonly #lines = new Map<string, Line>()

  constructor(engine: Engine, bodyBytesMax: () => number) {
    this.#engine = engine
    this.#bodyBytesMax = bodyBytesMax
  }

  /** GET: opens the stream and names the endpoint to post to. */
  connect(req: IncomingMessage, res: ServerResponse, endpoint: Endpoint): void {
    if (req.method !== 'GET') {
      res.setHeader('allow', 'GET')
      throw new GatewayError(
        'method_not_allowed',
        `${req.method} is not a method of this endpoint; MCP over Streamable HTTP is at /mcp`,
      )
    }
    const id = randomUUID()
    const line: Line = { endpoint, wishes: wishesOf(req), session: undefined, res, send: (message) => write(res, message) }
    this.#lines.set(id, line)
    res.writeHead(200, STREAM_HEADERS)
    res.write(`event: endpoint\ndata: /messages?sessionId=${id}\n\n`)
    res.once('close', () => {
      this.#lines.delete(id)
      if (line.session) this.#engine.end(line.session)
    })
  }

  /** POST: takes one message; what there is to answer goes down the stream. */
  async post(req: IncomingMessage, res: ServerResponse, id: string): Promise<void> {
    if (req.method !== 'POST') {
      res.setHeader('allow', 'POST')
      throw new GatewayError('method_not_allowed', `${req.method} is not a method of this endpoint`)
    }
    const line = this.#lines.get(id)
    if (!line) throw new GatewayError('session_unknown', 'this stream is closed; open it again')
    if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '')) {
      throw new GatewayError('unsupported_media', 'the content type must be application/json')
    }
    const message = readMessage(await readRequest(req, this.#bodyBytesMax()))
    if (isMalformed(message)) {
      res.writeHead(400, { 'content-type': 'application/json' }).end(Buffer.concat(malformedReply(message)))
      return
    }
    res.writeHead(202).end('Accepted')
    const answer = await this.#receive(line, message)
    if (answer) line.send(answer)
  }

  ended(session: Session): void {
    for (const line of this.#lines.values()) if (line.session === session) line.res.end()
  }

  async #receive(line: Line, message: Message): Promise<Chunks | undefined> {
    if (line.session) return this.#engine.receive(line.session, message, line)
    if (message.kind !== 'request') return undefined
    try {
      if (message.method !== 'initialize') throw new GatewayError('invalid_request', 'the first request must be initialize')
      const { session, answer } = await this.#engine.open({
        door: line.endpoint,
        initialize: message,
        outlet: line,
        wishes: line.wishes,
      })
      line.session = session
      session.attached = true
      if (line.res.destroyed) this.#engine.end(session)
      return answer
    } catch (error) {
      return toReply(error).withId(message.id)
    }
  }
}

function write(res: ServerResponse, message: Chunks): void {
  res.cork()
  for (const chunk of messageEvent(message)) res.write(chunk)
  res.uncork()
}
