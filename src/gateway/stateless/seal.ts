/** What we hand to a client for it to hand back: sealed, so that nobody can change it or make one up. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { canonical } from '../../protocol/capabilities.ts'
import { GatewayError } from '../../protocol/errors.ts'
import type { Json, JsonObject, Message } from '../../protocol/message.ts'

/** What a `requestState` of ours says. */
export type State =
  /** A call of ours is parked under this name. */
  | { kind: 'call'; call: string }
  /** A server gave this state, which goes back to it as it came. */
  | { kind: 'relay'; state: string }

/** The way that a request has come. */
interface Way {
  readonly door: { readonly key: string }
  readonly connection?: string | undefined
}

interface Sealed {
  state: State
  /** Which request it belongs to. */
  digest: string
  /** Until when it is good, in milliseconds of the epoch. */
  until: number
}

const FORM = /^v1\.([\w-]+)\.([\w-]+)$/

export class Seal {
  readonly #key = randomBytes(32)
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** The text that says `state`, good for so long, for retries of the request with this digest. */
  close(state: State, digest: string, ttlMs: number): string {
    const sealed: Sealed = { state, digest, until: this.#now() + ttlMs }
    const body = Buffer.from(JSON.stringify(sealed)).toString('base64url')
    return `v1.${body}.${this.#mac(body)}`
  }

  /** What a text says that `close` made for the same request. Throws `GatewayError` where it is anything else. */
  open(text: string, digest: string): State {
    const [, body = '', mac = ''] = FORM.exec(text) ?? []
    // As texts: several ends of a base64 text say the same bytes.
    const given = Buffer.from(mac)
    const right = Buffer.from(this.#mac(body))
    if (given.length !== right.length || !timingSafeEqual(given, right)) {
      throw refused('this requestState is not one that this gateway gave out')
    }
    const sealed = JSON.parse(Buffer.from(body, 'base64url').toString()) as Sealed
    if (sealed.digest !== digest) throw refused('this requestState belongs to another request')
    if (sealed.until < this.#now()) throw refused('this requestState has expired')
    return sealed.state
  }

  #mac(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url')
  }
}

/** The error for a `requestState` that cannot be honoured. */
export function refused(why: string): GatewayError {
  return new GatewayError('invalid_params', `${why}; send the request again without it`)
}

/** Tells requests apart: equal where one is the retry of the other, by the same way. */
export function digestOf({ method, params }: Pick<Message, 'method' | 'params'>, { door, connection = '' }: Way): string {
  const { _meta, inputResponses, requestState, ...asked }: JsonObject = params
  return createHash('sha256')
    .update(canonical([door.key, connection, method, asked] satisfies Json))
    .digest('base64url')
    .slice(0, 22)
}
