/** A client of the stateless era as servers know it: it stands for requests that say the same of their client. */
import type { Asked } from '../../call/exchange.ts'
import { GatewayError } from '../../protocol/errors.ts'
import { Session } from '../session.ts'

export class Lease extends Session {
  /** Equal for requests that say the same of their client. */
  kind = ''
  /** The calls that it serves at this moment, those included that wait for an answer of the client. */
  users = 0
  /** Something was learned from the client that may not hold for its next request. */
  spent = false

  /** Equal for requests of the same client, whatever it wants to hear this time. */
  whose = ''

  /** What one request was given is there for the next one, whichever lease that is served by. */
  override get owner(): string {
    return this.whose
  }

  override notify(): void {
    // Nothing reaches such a client but what belongs to one of its requests.
  }

  override ask(): Asked {
    return refusedQuestion('the client answers questions only while it waits for a call')
  }
}

/** A question that is never put to the client. */
export function refusedQuestion(why: string): Asked {
  const answer = Promise.reject(new GatewayError('unsupported_by_client', why))
  // Whoever asked hears of it; a question that was withdrawn has nobody left.
  answer.catch(() => undefined)
  return { answer, onProgress: undefined, withdraw: () => undefined }
}
