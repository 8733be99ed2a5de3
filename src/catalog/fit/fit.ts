/** What one client can take of what the gateway shows: how long names may be, how many tools, which schemas, which texts. */
import type { PassName } from './passes.ts'

/**
 * `obeyed`: it reads a list again that has changed. `ignored`: it does not, until a person makes it. `resets`: it does, and a
 * person has to approve every tool anew.
 */
export const LIST_CHANGES = ['obeyed', 'ignored', 'resets'] as const

/** The facts of one client. Where one is absent, nothing is known to be in the way. */
export interface Facts {
  /** Characters of an exposed name; what the client puts before it is taken off already. */
  readonly nameMax?: number | undefined
  readonly toolsMax?: number | undefined
  /** Characters of the description of a tool. */
  readonly descriptionMax?: number | undefined
  /** What is done to schemas, in the order of `passes.ts`. */
  readonly passes?: readonly PassName[] | undefined
  /** The formats it knows; any where this is absent. Only asked where the pass `formats` is made. */
  readonly formats?: readonly string[] | undefined
  /** Tokens of a result; what is longer is cut, refused, or kept by the client itself. */
  readonly resultTokensMax?: number | undefined
  /** It keeps results that are too long in a file of its own, and shows the model where. */
  readonly keepsLongResults?: boolean | undefined
  readonly listChanges?: (typeof LIST_CHANGES)[number] | undefined
  /** It shows the model the names of tools only, and has a search of its own for the rest. */
  readonly toolSearch?: boolean | undefined
  /** The member of `_meta` by which it is told that a tool stays loaded, where it has a search of its own. */
  readonly stayLoaded?: string | undefined
  /** Bytes of the instructions of one server, and of all of them together. */
  readonly instructions?: { readonly server?: number | undefined; readonly all?: number | undefined } | undefined
}

/** What holds for one session. */
export interface Fit extends Facts {
  /** The name of the client as people know it; undefined where we know none like it. */
  readonly client: string | undefined
  /** Equal keys show the same tools alike; empty where they are shown as they are. */
  readonly key: string
}
