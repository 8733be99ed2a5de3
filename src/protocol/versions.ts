/** The revisions of the protocol and the era each belongs to (specification: Lifecycle, Version Negotiation). */

/** The wire family of a revision: `session` has initialize and sessions, `stateless` sends everything with each request. */
export type Era = 'session' | 'stateless'

export const SESSION_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const

/** The revisions without `initialize` and sessions. */
export const STATELESS_VERSIONS = ['2026-07-28'] as const

export const LATEST_STATELESS_VERSION = STATELESS_VERSIONS[0]

/** What a client gets that asks for a revision we do not know. */
export const LATEST_SESSION_VERSION = SESSION_VERSIONS[0]

/** What a client means that sends no `MCP-Protocol-Version` header (Streamable HTTP, Protocol Version Header). */
export const ASSUMED_VERSION = '2025-03-26'

/** Revisions whose clients may send JSON-RPC batches. */
export const BATCH_VERSIONS: ReadonlySet<string> = new Set(['2025-03-26', '2024-11-05'])

/** Revisions from which on a stream may open with an event that has an id and no data. */
export const PRIMING_VERSIONS: ReadonlySet<string> = new Set(['2025-11-25'])

/** The revision to speak with a client that asked for `requested`. */
export function negotiate(requested: unknown): string {
  return SESSION_VERSIONS.find((version) => version === requested) ?? LATEST_SESSION_VERSION
}

export function isStateless(version: unknown): boolean {
  return STATELESS_VERSIONS.some((known) => known === version)
}

/** The era that a server speaks which has told this revision. */
export function eraOf(version: string): Era {
  return isStateless(version) ? 'stateless' : 'session'
}
