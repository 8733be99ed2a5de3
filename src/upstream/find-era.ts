/** Finds out in which era a server is to be spoken to, on one connection (specification 2026-07-28: Versioning, Backward Compatibility). */
import { setTimeout as wait } from 'node:timers/promises'
import { asGatewayError } from '../protocol/errors.ts'
import type { Era } from '../protocol/versions.ts'
import type { Dialect, Line } from './dialect.ts'
import type { ServerIdentity } from './identity.ts'
import type { InstanceSetup } from './instance-setup.ts'
import { SessionEra } from './session-era.ts'
import { NotStateless } from './stateless/discovery.ts'
import { StatelessEra } from './stateless/stateless-era.ts'

interface Found {
  readonly dialect: Dialect
  readonly identity: ServerIdentity
}

/** Who ignores what it does not know is asked the other way after this time, or a part of it where starting must be quick. */
const SILENCE_MS = 5_000
const SILENCE_PART = 6

export function silenceMs(startTimeoutMs: number): number {
  return Math.min(SILENCE_MS, startTimeoutMs / SILENCE_PART)
}

export function dialectOf(era: Era, line: Line): Dialect {
  return era === 'session' ? new SessionEra(line) : new StatelessEra(line)
}

/** Shakes hands in the first era; where the server refuses it or is silent, in the other one too: the first answer decides. */
export async function findEra(first: Dialect, { eras, startTimeoutMs }: InstanceSetup, line: Line): Promise<Found> {
  const greeted = greet(first)
  const [, other] = eras
  if (other === undefined) return greeted
  const patience = new AbortController()
  const silence = wait(silenceMs(startTimeoutMs), undefined, { ref: false, signal: patience.signal }).catch(() => undefined)
  const decided = await Promise.race([greeted.catch(unlessRefused), silence]).finally(() => patience.abort())
  if (decided) return decided
  const second = greet(dialectOf(other, line))
  return Promise.any([greeted, second]).catch(() => second)
}

async function greet(dialect: Dialect): Promise<Found> {
  return { dialect, identity: await dialect.greet() }
}

function unlessRefused(error: unknown): undefined {
  if (!(error instanceof NotStateless)) throw asGatewayError(error)
}
