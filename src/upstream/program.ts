/** What is started for a server: a program, its arguments, and the place where it runs. */

export interface Program {
  command: string
  args: string[]
  /** What a launcher would have added to the environment. */
  env?: Record<string, string>
  /** The launcher that it does without. */
  without?: string
  /** To be told when it has answered as a server. */
  proved?(): Promise<void>
}

export interface Place {
  cwd: string
  /** The environment of the child. */
  env: Record<string, string>
  platform: NodeJS.Platform
  /** Where the gateway remembers things. */
  stateDir: string
}
