/** What answering takes beside the session: each is one thing, made once for the gateway. */
import type { Log } from '../observe/log.ts'
import type { Finder } from './finder.ts'
import type { Results } from './results/results.ts'
import type { Surfaces } from './surface.ts'
import type { Usage } from './usage.ts'

export interface Services {
  readonly log: Log
  readonly surfaces: Surfaces
  readonly finder: Finder
  readonly usage: Usage
  readonly results: Results
}
