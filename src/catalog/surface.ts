/** Which of the tools a client is shown: all of them, or the few by which it finds and calls the others. */
import * as z from 'zod'
import { globMatcher } from '../std/glob.ts'

const MODES = ['auto', 'direct', 'search'] as const
const globs = z.array(z.string().min(1))

const mode = z.enum(MODES)
const budget = z.int().min(0)
const MODE =
  '`direct` lists every tool, `search` the meta-tools and what is pinned, `auto` is `direct` while the definitions fit the budget.'
const PIN = 'Globs of exposed names; these tools are listed on every surface.'
const TIERS =
  'Offer `gateway_invoke_read`, `_write` and `_destructive` in the place of `gateway_invoke`; the annotations of a tool say which may call it.'

const PROMOTE =
  'On the search surface, list the tools that are used most as well, as far as the budget has room. The choice changes only while no session is open.'

/** What one client, or one profile, is shown differently. */
const surfaceChanges = z.strictObject({
  mode: mode.optional().meta({ description: MODE }),
  budget: budget.optional().meta({ description: 'Tokens that all definitions together may take where the mode is `auto`.' }),
  pin: globs.optional().meta({ description: PIN }),
  tiers: z.boolean().optional().meta({ description: TIERS }),
  promote: z.boolean().optional().meta({ description: PROMOTE }),
})

export const surfaceOptions = z.strictObject({
  mode: mode.default('auto').meta({ description: MODE }),
  budget: budget
    .default(6_000)
    .meta({ description: 'Tokens that all definitions together may take where the mode is `auto` (o200k_base).' }),
  pin: globs.default([]).meta({ description: PIN }),
  tiers: z.boolean().default(false).meta({ description: TIERS }),
  promote: z.boolean().default(false).meta({ description: PROMOTE }),
  clients: z.record(z.string(), surfaceChanges).default({}).meta({
    description: 'What holds for some clients only, by a glob of the name that they give of themselves (`clientInfo.name`).',
  }),
})

export const profileOptions = z.strictObject({
  servers: globs.default(['*']).meta({ description: 'Globs of the servers in it.' }),
  tools: globs.default(['*']).meta({ description: 'Globs of the tools in it, by their full name `server__tool`.' }),
  clients: globs
    .default([])
    .meta({ description: 'Globs of the clients that are shown this profile at `/mcp`, by `clientInfo.name`.' }),
  surface: surfaceChanges.prefault({}).meta({ description: 'What holds for this profile only.' }),
})

export type SurfaceMode = (typeof MODES)[number]
export type SurfaceOptions = z.output<typeof surfaceOptions>
export type ProfileOptions = z.output<typeof profileOptions>
type SurfaceChanges = z.output<typeof surfaceChanges>

/** What holds for one session. */
export interface SurfaceChoice {
  mode: SurfaceMode
  /** Tokens. */
  budget: number
  pin: readonly string[]
  tiers: boolean
  promote: boolean
}

/** Whom and what the choice is made for. */
export interface Chooser {
  /** `clientInfo.name`. */
  client: string
  /** What the URL or a header asked for. */
  asked?: SurfaceMode | undefined
  /** What the profile changes. */
  profile?: SurfaceChanges | undefined
}

/** Settles what holds: what was asked for goes before the client's own, that before the profile's, that before what is general. */
export function chooseSurface(options: SurfaceOptions, { client, asked, profile }: Chooser): SurfaceChoice {
  const own = clientChanges(options, client)
  const { clients: _, ...general } = options
  const choice: SurfaceChoice = { ...general, ...given(profile), ...given(own) }
  return asked ? { ...choice, mode: asked } : choice
}

/** The mode that a URL or a header names; undefined where it is none. */
export function surfaceMode(text: string): SurfaceMode | undefined {
  return MODES.find((one) => one === text)
}

export const SURFACE_MODES: readonly string[] = MODES

/** Clients spell their names in more than one way, so the case does not count. The first entry that fits is the one. */
function clientChanges(options: SurfaceOptions, client: string): SurfaceChanges | undefined {
  const name = client.toLowerCase()
  return Object.entries(options.clients).find(([glob]) => globMatcher([glob.toLowerCase()])(name))?.[1]
}

function given(changes: SurfaceChanges | undefined): Partial<SurfaceChoice> {
  return Object.fromEntries(Object.entries(changes ?? {}).filter(([, value]) => value !== undefined))
}

/** The profile that a client is shown without asking for one; the first that names it. */
export function profileOf(profiles: Record<string, ProfileOptions>, client: string): string | undefined {
  const name = client.toLowerCase()
  const fits = (globs: readonly string[]): boolean => globMatcher(globs.map((glob) => glob.toLowerCase()))(name)
  return Object.entries(profiles).find(([, { clients }]) => clients.length > 0 && fits(clients))?.[0]
}
