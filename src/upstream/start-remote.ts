/** Connects to a server over HTTP: without sessions, with them, or over HTTP+SSE, whichever it answers first. */
import { asGatewayError } from '../protocol/errors.ts'
import { isStateless } from '../protocol/versions.ts'
import { reveal } from '../std/secret.ts'
import { attempt, type Eras, type StartSetup, TooLate } from './attempt.ts'
import { silenceMs } from './find-era.ts'
import { HttpStatusError } from './http-failure.ts'
import { type HttpTarget, httpTarget } from './http-request.ts'
import type { Instance } from './instance.ts'
import { SseConnection } from './sse.ts'
import { NotStateless } from './stateless/discovery.ts'
import { StatelessHttpConnection } from './stateless/stateless-http.ts'
import { StreamableHttpConnection } from './streamable-http.ts'

/** Refusals of a POST by which a server of 2024-11-05 shows itself (Transports, Backwards Compatibility). */
const OLD_SERVER_STATUSES: ReadonlySet<number> = new Set([400, 404, 405, 406, 415])
/** These speak of who may ask, whatever the era. */
const ACCESS_STATUSES: ReadonlySet<number> = new Set([401, 403])

export async function startRemote(setup: StartSetup, eras: Eras): Promise<Instance> {
  const { name, options, log } = setup
  const headers = Object.fromEntries(Object.entries(options.headers).map(([key, value]) => [key.toLowerCase(), reveal(value)]))
  const target = () => httpTarget(reveal(options.url ?? ''), { headers, skipVerify: options.tls_skip_verify })
  if (options.type === 'sse')
    return attempt(setup, new SseConnection(name, await target(), log), ['session'], options.start_timeout)
  const [first, second] = eras
  if (first === 'session') return withSessions(setup, target)
  const patienceMs = second && !isStateless(setup.met?.version) ? silenceMs(options.start_timeout) : options.start_timeout
  try {
    const connection = new StatelessHttpConnection(name, await target(), options.quirks, log)
    return await attempt(setup, connection, ['stateless'], patienceMs)
  } catch (error) {
    if (second === undefined || !setup.wanted() || !mayHaveSessions(error)) throw error
    const instance = await withSessions(setup, target)
    // What it did may have been no answer to our question: that is asked again the next time.
    if (!(error instanceof NotStateless) && instance.identity) instance.identity = { ...instance.identity, probedAt: 0 }
    return instance
  }
}

async function withSessions(setup: StartSetup, target: () => Promise<HttpTarget>): Promise<Instance> {
  const { name, options, log } = setup
  const whole = options.start_timeout
  try {
    return await attempt(setup, new StreamableHttpConnection(name, await target(), options.quirks, log), ['session'], whole)
  } catch (error) {
    const old = options.type === undefined && error instanceof HttpStatusError && OLD_SERVER_STATUSES.has(error.status)
    if (!old) throw error
    return await attempt(setup, new SseConnection(name, await target(), log), ['session'], whole).catch(() => {
      // The first refusal says more about a server that speaks neither.
      throw error
    })
  }
}

/** Whether a server that did not answer `server/discover` as it should may be one with sessions: its answer to `initialize` tells. */
function mayHaveSessions(error: unknown): boolean {
  if (error instanceof HttpStatusError) return !ACCESS_STATUSES.has(error.status)
  return error instanceof NotStateless || error instanceof TooLate || asGatewayError(error).code === 'interrupted'
}
