/** The stateless era over HTTP: one POST is one request, and closing its connection takes it back (specification 2026-07-28: Transports). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Endpoint } from '../gateway/endpoint.ts'
import type { Engine } from '../gateway/engine.ts'
import { failure } from '../gateway/stateless/replies.ts'
import { StatelessRequest } from '../gateway/stateless/request.ts'
import { asGatewayError } from '../protocol/errors.ts'
import type { Message } from '../protocol/message.ts'
import { isStateless } from '../protocol/versions.ts'
import { accepted } from './answer.ts'
import { reportedFolder } from './reported-folder.ts'
import { checkHeaders, headerOf } from './stateless-headers.ts'
import { StatelessStream } from './stateless-stream.ts'
import { wishesOf } from './wishes.ts'

/** Whether a message is one of the stateless era. The body says so; a header alone only makes the lack of an envelope an error. */
export function isStatelessPost({ headers }: IncomingMessage, message: Message): boolean {
  if (message.claimStart >= 0) return true
  return isStateless(headers['mcp-protocol-version']) && (message.kind === 'request' || message.kind === 'notification')
}

export class StatelessHttp {
  readonly #engine: Engine
  /** Keeps a stream from looking dead to whoever stands between us and the client. */
  readonly #keepOpen: (res: ServerResponse) => void

  constructor(engine: Engine, keepOpen: (res: ServerResponse) => void) {
    this.#engine = engine
    this.#keepOpen = keepOpen
  }

  async post(req: IncomingMessage, res: ServerResponse, endpoint: Endpoint, message: Message): Promise<void> {
    // Clients of this era have nothing to notify of over HTTP; whatever it is, it is nobody's.
    if (message.kind !== 'request') return void res.writeHead(202).end()
    const stream = new StatelessStream(res, accepted(req))
    const request = this.#request(req, endpoint, { message, stream })
    if ('status' in request) return stream.finish(request)
    if (message.method === 'subscriptions/listen') this.#keepOpen(res)
    res.once('close', () => {
      if (!res.writableFinished) request.cancel('the client has closed the connection')
    })
    const reply = await this.#engine.stateless.answer(request)
    if (reply) stream.finish(reply)
    else res.destroy()
  }

  #request(req: IncomingMessage, door: Endpoint, { message, stream }: { message: Message; stream: StatelessStream }) {
    try {
      const header = headerOf(req)
      const origin = { door, wishes: wishesOf(req), folder: reportedFolder(req) }
      const request = new StatelessRequest(message, { origin, outlet: stream, header })
      checkHeaders(request, header)
      return request
    } catch (error) {
      return failure(asGatewayError(error), message)
    }
  }
}
