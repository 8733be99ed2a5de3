/** The whole config: the sum of the options that every part declares beside its behaviour. */
import * as z from 'zod'
import { clientOptions } from '../catalog/fit/options.ts'
import { catalogOptions } from '../catalog/options.ts'
import { profileOptions, surfaceOptions } from '../catalog/surface.ts'
import { listenOptions } from '../downstream/options.ts'
import { memoryOption } from '../gateway/memory-budget.ts'
import { sessionOptions, shutdownOptions, statelessOptions } from '../gateway/options.ts'
import { resultsOptions } from '../gateway/results/options.ts'
import { logOptions } from '../observe/options.ts'
import { serverOptions } from '../upstream/options.ts'

export const configSchema = z.strictObject({
  listen: listenOptions.prefault({}).meta({ description: 'The endpoint for clients.' }),
  servers: z.record(z.string(), serverOptions).default({}).meta({ description: 'The MCP servers behind the gateway, by name.' }),
  memory: memoryOption,
  catalog: catalogOptions.prefault({}).meta({ description: 'Names and texts that clients see.' }),
  surface: surfaceOptions.prefault({}).meta({ description: 'Which tools clients are shown.' }),
  profiles: z
    .record(z.string(), profileOptions)
    .default({})
    .meta({ description: 'Chosen sets of servers and tools, each at `/mcp/profile/{name}`.' }),
  clients: z.record(z.string(), clientOptions).default({}).meta({
    description:
      'What clients can take of tools, by a glob of the name that they give of themselves (`clientInfo.name`), where it is not what `mcp-gw explain` says.',
  }),
  results: resultsOptions.prefault({}).meta({ description: 'Results of tools that are too large for a model.' }),
  sessions: sessionOptions.prefault({}).meta({ description: 'Client sessions.' }),
  stateless: statelessOptions.prefault({}).meta({ description: 'Clients without a session (protocol revision 2026-07-28).' }),
  log: logOptions.prefault({}).meta({ description: 'Logs, on stderr.' }),
  shutdown: shutdownOptions.prefault({}).meta({ description: 'The end of the process.' }),
})

export type Config = z.output<typeof configSchema>
