/** Which results are too large to be shown whole, by what the config says and what is known of the client. */
import * as z from 'zod'
import type { Fit } from '../../catalog/fit/fit.ts'
import { duration } from '../../std/duration.ts'
import { globMatcher } from '../../std/glob.ts'
import { size } from '../../std/size.ts'

/** Below this there would be no room for the preview. */
export const LIMIT_MIN = 1_000
/** What `auto` stands for on the search surface, where the client takes so much. */
const LIMIT_AUTO = 25_000

const limit = z.union([z.enum(['auto', 'off']), z.int().min(LIMIT_MIN)])

export const resultsOptions = z.strictObject({
  limit: limit.default('auto').meta({
    description:
      'Tokens above which a result of a tool is kept by the gateway, and the client gets a preview of it. ' +
      '`auto` is 25,000 on the search surface, and `off` on the direct one and for clients that keep large results themselves.',
  }),
  media: size.prefault('1MB').meta({
    description: 'Where there is a limit: bytes that the images, sounds and files of one result may take together.',
  }),
  keep: duration
    .prefault('1h')
    .meta({ description: 'How long a result is kept after its last use. It never outlives its session.' }),
  quota: size.prefault('500MB').meta({
    description: 'Bytes of disk that all kept results may take; the one that was not used for longest goes first.',
  }),
  clients: z
    .record(z.string(), z.strictObject({ limit: limit.meta({ description: 'The limit for this client.' }) }))
    .default({})
    .meta({ description: 'What holds for some clients only, by a glob of `clientInfo.name`.' }),
})

export type ResultsOptions = z.output<typeof resultsOptions>

/** For whom the limit is asked. */
export interface Receiver {
  /** `clientInfo.name`. */
  client: string
  surface: 'direct' | 'search' | undefined
  fit: Pick<Fit, 'keepsLongResults' | 'resultTokensMax'>
}

/** Tokens that one result may take; undefined where every result passes whole. */
export function resultLimit(options: ResultsOptions, { client, surface, fit }: Receiver): number | undefined {
  const name = client.toLowerCase()
  const own = Object.entries(options.clients).find(([glob]) => globMatcher([glob.toLowerCase()])(name))?.[1].limit
  const chosen = own ?? options.limit
  if (chosen === 'off') return undefined
  if (chosen !== 'auto') return chosen
  if (surface !== 'search' || fit.keepsLongResults) return undefined
  return Math.max(LIMIT_MIN, Math.min(LIMIT_AUTO, fit.resultTokensMax ?? LIMIT_AUTO))
}
