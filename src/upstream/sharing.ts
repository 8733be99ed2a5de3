/** Who shares an instance of a server with whom, and what the instance is told of those whom it serves. */
import type { Client } from '../call/exchange.ts'
import { type Capabilities, capabilities, NO_CAPABILITIES } from '../protocol/capabilities.ts'
import { NO_ROOTS, type RootSet } from '../protocol/roots.ts'
import type { ServerOptions } from './options.ts'

/** The instance that only learns what the server offers, and serves clients that can do nothing special. */
export const PLAIN = 'plain'

const OWN = 'client '

/** A seat at an instance: clients with equal keys share one. */
export interface Seat {
  readonly key: string
  /** What is listed to one client of a kind is what another would be listed. */
  readonly kind: string
  /** What the instance is told that its clients can do. */
  readonly capabilities: Capabilities
  /** Its clients can be asked nothing. */
  readonly mute: boolean
  /** What we answer when it asks for roots; undefined where its clients are asked. */
  readonly roots: RootSet | undefined
}

/** How clients share a server in fact, and why that is more than its entry says. */
export interface Sharing {
  readonly instances: ServerOptions['instances']
  readonly because?: string
}

const COMMON: Seat = { key: PLAIN, kind: NO_CAPABILITIES.key, capabilities: NO_CAPABILITIES, mute: true, roots: undefined }

/** The seat of nobody: what is learned there may be shown to everybody. */
export function plainSeat({ instances }: ServerOptions): Seat {
  return instances === 'workspace' ? { ...workspaceSeat(NO_CAPABILITIES, NO_ROOTS), key: PLAIN } : COMMON
}

/** What is known of how a server deals with its clients. */
export interface Manner {
  /** It asks its clients things, so that each needs an instance of its own. */
  readonly asksClients: boolean
  /** Each request tells it who asks, so that nobody needs an instance for that. */
  readonly stateless: boolean
}

export function seatOf(client: Client, options: ServerOptions, { asksClients, stateless }: Manner): Seat {
  const able = stateless ? NO_CAPABILITIES : client.capabilities
  if (options.instances === 'workspace') {
    const roots = rootsFor(client, options) ?? NO_ROOTS
    const seat = workspaceSeat(able, roots)
    // Two clients that work nowhere do not work in the same place.
    const alone = roots.roots.length === 0 || (asksClients && !seat.mute)
    return alone ? { ...seat, key: `${OWN}${client.id} ${roots.id}` } : seat
  }
  const seat = { kind: able.key, capabilities: able, mute: able === NO_CAPABILITIES, roots: undefined }
  if (options.instances === 'session') return { ...seat, key: OWN + client.id }
  if (seat.mute) return COMMON
  // A session over HTTP costs next to nothing, and with one for each client nothing has to be guessed.
  return { ...seat, key: asksClients || options.command === undefined ? OWN + client.id : able.key }
}

/** The kind of this client; undefined while that depends on roots that are not known. */
export function kindOf(client: Client, { instances }: ServerOptions, stateless: boolean): string | undefined {
  const able = stateless ? NO_CAPABILITIES : client.capabilities
  if (instances !== 'workspace') return able.key
  const { roots } = client.workspace
  return roots && workspaceSeat(able, roots).kind
}

/** Where a client works, as far as that matters to the server. */
export function rootsFor({ workspace }: Client, { instances }: ServerOptions): RootSet | undefined {
  return instances === 'workspace' ? (workspace.roots ?? NO_ROOTS) : undefined
}

/** Whether an instance is one client's alone. */
export function isOwn(key: string): boolean {
  return key.startsWith(OWN)
}

export function sharing({ instances, command }: ServerOptions, { asksClients, stateless }: Manner): Sharing {
  if (instances === 'session' || stateless) return { instances }
  if (instances === 'workspace') return asksClients ? { instances, because: 'each client its own: it asks them' } : { instances }
  if (asksClients) return { instances: 'session', because: 'it asks its clients' }
  return command === undefined ? { instances: 'session', because: 'over HTTP' } : { instances }
}

/** Whatever the clients know of roots, we answer for them; everything else they are asked themselves. */
function workspaceSeat({ value }: Capabilities, roots: RootSet): Seat {
  const { roots: _, ...others } = value
  const told = capabilities({ ...others, roots: {} })
  const key = `${roots.id} ${told.key}`
  return { key, kind: key, capabilities: told, mute: Object.keys(others).length === 0, roots }
}
