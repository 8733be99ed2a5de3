/** What people are told of the config: which one is in force, and what is wrong with the one that should be. */

/** One thing that is wrong, at its place in the file; line and column are 0 where it is the file as a whole. */
export interface ConfigProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The dotted key, empty where there is none. */
  readonly key: string
  readonly message: string
}

export interface ConfigState {
  /** Null where the built-in defaults hold. */
  readonly file: string | null
  /** When what is in force was loaded. */
  readonly loadedAt: string
  /** Why a later state of the file is not in force; empty while the file is. */
  readonly problems: readonly ConfigProblem[]
}
