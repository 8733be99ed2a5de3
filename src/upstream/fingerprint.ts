/** Says whether a changed entry of `servers:` needs a new process or session, or only other treatment of the one that runs. */
import { createHmac, randomBytes } from 'node:crypto'
import { canonical } from '../std/changed-keys.ts'
import type { ServerOptions } from './options.ts'

/** What each option is part of: `process` is settled when an instance starts, `gateway` is what we do with it at any time. */
export const OPTION_PART: Readonly<Record<keyof ServerOptions, 'process' | 'gateway'>> = {
  command: 'process',
  args: 'process',
  env: 'process',
  inherit: 'process',
  cwd: 'process',
  url: 'process',
  headers: 'process',
  type: 'process',
  protocol: 'process',
  tls_skip_verify: 'process',
  quirks: 'process',
  instances: 'process',
  disabled: 'gateway',
  required: 'gateway',
  timeout: 'gateway',
  // It holds from the next start on.
  start_timeout: 'gateway',
  tools: 'gateway',
  idle: 'gateway',
  keep: 'gateway',
  prewarm: 'gateway',
  reconnect: 'gateway',
  health: 'gateway',
}

/** Secrets are part of a fingerprint; with a key that dies with the process it gives nothing away wherever it ends up. */
const KEY = randomBytes(32)

/** Equal for entries that one running instance can serve. Good within this process only. */
export function fingerprint(options: ServerOptions): string {
  const parts = Object.entries(options).filter(([key]) => OPTION_PART[key as keyof ServerOptions] === 'process')
  const headers = Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value])
  return createHmac('sha256', KEY)
    .update(canonical({ ...Object.fromEntries(parts), headers: Object.fromEntries(headers) }))
    .digest('base64url')
}
