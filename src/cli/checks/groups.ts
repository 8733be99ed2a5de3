/** All checks of `mcp-gw doctor`, in the order in which they are shown. */
import type { Group } from './check.ts'
import { clients } from './clients.ts'
import { config } from './config.ts'
import { gateway } from './gateway.ts'
import { runtime } from './runtime.ts'
import { security } from './security.ts'
import { servers } from './servers.ts'

export const GROUPS: readonly Group[] = [runtime, config, gateway, clients, servers, security]
