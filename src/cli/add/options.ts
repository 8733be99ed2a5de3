/** The options of `mcp-gw add`, read from its flags. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseVariables } from '../../config/env-file.ts'
import { fileErrorText } from '../../config/problem.ts'
import { type LogLevel, logLevels } from '../../observe/levels.ts'
import { expandHome, homeDir } from '../../std/paths.ts'
import type { EditingOptions } from '../config-editing.ts'
import { Exit } from '../exit.ts'
import { SECRET_WISHES, type SecretWish } from '../secret-keeper.ts'
import type { Made } from './entry.ts'
import type { Parsed } from './grammar.ts'

export interface AddOptions extends EditingOptions {
  json: boolean
  dryRun: boolean
  yes: boolean
  /** Replace a server of the same name. */
  force: boolean
  /** Start it before it is written. */
  check: boolean
  secrets: SecretWish | undefined
  registryUrl: string | undefined
  /** What comes from the registry may be started without a question. */
  trustRegistry: boolean
}

const SCOPES: Readonly<Record<string, 'user' | 'project'>> = {
  user: 'user',
  global: 'user',
  project: 'project',
  local: 'project',
}

export function readOptions(fields: Parsed['fields']): AddOptions {
  // As everywhere, the last word counts.
  const [config, scope, secrets, logLevel] = (['config', 'scope', 'secrets', 'log-level'] as const).map((name) =>
    fields[name]?.at(-1),
  )
  if (scope !== undefined && !Object.hasOwn(SCOPES, scope)) throw new Exit(2, `--scope: expected user or project, got "${scope}"`)
  if (secrets !== undefined && !SECRET_WISHES.includes(secrets as SecretWish)) {
    throw new Exit(2, `--secrets: expected one of ${SECRET_WISHES.join(', ')}, got "${secrets}"`)
  }
  if (logLevel !== undefined && !logLevels.includes(logLevel as LogLevel)) {
    throw new Exit(2, `--log-level: expected one of ${logLevels.join(', ')}, got "${logLevel}"`)
  }
  return {
    ...(config !== undefined && { config }),
    ...(scope !== undefined && { scope: SCOPES[scope] as 'user' }),
    ...(logLevel !== undefined && { logLevel: logLevel as LogLevel }),
    secrets: secrets as SecretWish | undefined,
    json: fields['as-json'] !== undefined,
    dryRun: fields['dry-run'] !== undefined,
    yes: fields.yes !== undefined,
    force: fields.force !== undefined,
    check: fields['no-check'] === undefined,
    registryUrl: fields['registry-url']?.at(-1),
    trustRegistry: fields['trust-registry'] !== undefined,
  }
}

/** The variables of the file that `--env-file` names. */
export function readEnvFileOption(path: string): Made<Record<string, string>> {
  try {
    return parseVariables(readFileSync(resolve(expandHome(path, homeDir(process.env))), 'utf8'))
  } catch (error) {
    return { error: `--env-file ${path} cannot be read: ${fileErrorText(error)}` }
  }
}
