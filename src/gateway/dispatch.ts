/** What is done with one message of a client whose session is open. */
import { GatewayError, toReply } from '../protocol/errors.ts'
import type { Chunks, Message } from '../protocol/message.ts'
import { SessionExchange } from './exchange.ts'
import { type Method, methods } from './methods.ts'
import type { Outlet } from './questions.ts'
import { rootsChanged } from './roots-changed.ts'
import type { Services } from './services.ts'
import type { Session } from './session.ts'
import { transparent } from './transparent.ts'

/** Answers a request; resolves with undefined where the client has cancelled it or is gone. */
export async function answer(
  session: Session,
  message: Message,
  outlet: Outlet,
  services: Services,
): Promise<Chunks | undefined> {
  const { id } = message
  if (session.inFlight.has(id))
    return toReply(new GatewayError('invalid_request', `the id ${id} is in use by a request under way`)).withId(id)
  const exchange = new SessionExchange(session, message, outlet)
  session.begin(id, exchange)
  try {
    const reply = await methodOf(session, message.method)(exchange, services)
    return reply.withId(id)
  } catch (error) {
    if (exchange.cancelled !== undefined) return exchange.farewell && toReply(exchange.farewell).withId(id)
    if (!(error instanceof GatewayError))
      services.log.error({ err: error, method: message.method }, 'a request failed inside the gateway')
    return toReply(error).withId(id)
  } finally {
    session.done(id)
  }
}

function methodOf(session: Session, name: string): Method {
  if (name === 'initialize') throw new GatewayError('invalid_request', 'this session is initialized already')
  // Until the gateway speaks the stateless era, probes for it must not be answered by a server behind it.
  if (name === 'server/discover') throw new GatewayError('method_not_found', 'Method not found: server/discover')
  if (session.endpoint.name !== undefined) return transparent(name)
  const method = methods.get(name)
  if (!method) throw new GatewayError('method_not_found', `Method not found: ${name}`)
  return method
}

/** Acts on a notification. */
export function notified(session: Session, message: Message, services: Services): void {
  if (message.method === 'notifications/initialized') {
    session.initialized = true
  } else if (message.method === 'notifications/cancelled') {
    const reason = message.params.reason
    session.inFlight
      .get(message.text(message.requestIdStart, message.requestIdEnd))
      ?.cancel(typeof reason === 'string' ? reason : 'cancelled by the client')
  } else if (message.method === 'notifications/progress') {
    session.questions.progress(message)
  } else {
    // Whatever else a client has to say: to the servers that are its own, if they go by what this client says.
    for (const { server } of session.endpoint.members) {
      const instance = server.held(session)
      if (instance?.link.clients.size === 1 && !instance.roots) instance.pass(message)
    }
    if (message.method === 'notifications/roots/list_changed') rootsChanged(session, services)
  }
}
