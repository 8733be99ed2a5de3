/** What serving clients without a session needs of the engine. */
import type { Endpoints } from '../endpoints.ts'
import type { Host } from '../introduce.ts'
import type { StatelessOptions } from '../options.ts'
import type { Session } from '../session.ts'

export interface StatelessLimits extends StatelessOptions {
  /** How long a client is kept that sends nothing, in milliseconds. */
  readonly idle: number
}

export interface StatelessHost extends Host {
  readonly endpoints: Endpoints
  readonly limits: StatelessLimits
  /** Somebody comes: where nobody else is there, lists may be other ones than before. */
  quieten(): void
  /** Throws `GatewayError` where nobody is taken in any more. */
  admit(): void
  /** Lets go of what a client has at servers. */
  end(session: Session): void
}
