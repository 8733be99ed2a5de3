/** What a check of `mcp-gw doctor` is, and what it can find. */
import type { Around } from './around.ts'

/** `skip`: it could not be looked at, or there is nothing to look at; that is no fault. */
export type Status = 'ok' | 'warn' | 'error' | 'skip'

export interface Finding {
  status: Status
  /** What it is about: a server, a client, a file. */
  subject: string
  /** The fact, without the subject. */
  message: string
  /** Lines for whoever wants to know more, such as the last words of a server. */
  detail?: string[]
  /** What a person does about it; left out where `repair` does it. */
  fix?: string
  repair?: Repair
}

/** How `--fix` mends something. */
export interface Repair {
  /** Repairs of the same key are one and the same. */
  key: string
  /** What it will do: `set the mode of ~/.env to 600`. */
  does: string
  /** It takes something away or decides something, so a person has to agree. */
  asks?: true
  /** Throws with a reason for people where it cannot be done. */
  run(): Promise<void>
}

export interface Check {
  /** Stable for ever, so that people can look it up: `MGW-C07`. */
  id: string
  title: string
  /** It reaches beyond this machine, so `--offline` leaves it out. */
  remote?: true
  /** How long it may take, where that is more than usual. */
  timeoutMs?: number
  run(around: Around): Promise<Finding[]> | Finding[]
}

export interface Group {
  name: string
  title: string
  checks: readonly Check[]
}

/** A finding with the check that made it. */
export interface Row extends Finding {
  id: string
  title: string
  group: string
}

export function ok(subject: string, message: string): Finding {
  return { status: 'ok', subject, message }
}

export function skip(subject: string, message: string): Finding {
  return { status: 'skip', subject, message }
}
