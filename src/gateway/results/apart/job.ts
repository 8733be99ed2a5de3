/** What a process of its own is asked to do with a kept result, and how it answers. */
import type { Slice } from '../store.ts'

/** Milliseconds after which it says what it has found so far, where it can. */
export const SOFT_MS = 4_500
/** Milliseconds after which it is ended. */
export const HARD_MS = 6_000

interface Work {
  slice: Slice
  /** Tokens that the answer may take. */
  tokens: number
}

export interface GrepJob extends Work {
  op: 'grep'
  pattern: string
  /** Where in the slice it begins to look. */
  from: number
  /** How many hits are wanted. */
  hits: number
}

export interface JqJob extends Work {
  op: 'jq'
  filter: string
}

export interface OutlineJob extends Work {
  op: 'outline'
}

export type Job = GrepJob | JqJob | OutlineJob

/** A text for the model, and how to go on; or what it has to do differently. */
export type Outcome = { text: string; note?: string } | { problem: string }
