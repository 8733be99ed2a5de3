/** What `init` is going to do: worked out in full before anything is written. */
import type { ImportedServer } from '../../clients/import/import.ts'
import { replaceSecrets } from '../../clients/import/secrets.ts'
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { addServer } from '../../config/edit/edit.ts'
import { type Edit, sequence } from '../../config/edit/page.ts'
import { referenceTo, type SecretPlace } from '../../config/secret-store.ts'
import { Secret } from '../../std/secret.ts'
import type { Answers } from './answers.ts'
import type { Survey } from './survey.ts'

export interface NewServer {
  name: string
  /** As it is going to stand in the config. */
  entry: ServerEntry
  origins: ImportedServer['origins']
  notes: string[]
}

export interface NewSecret {
  variable: string
  value: Secret
  /** The server that it was found at. */
  server: string
}

export interface InitPlan {
  servers: NewServer[]
  /** Secrets that are stored before the config names them. */
  secrets: NewSecret[]
  /** Where they are stored; undefined where they stay in plain text. */
  place: SecretPlace | undefined
  /** What is done to the config; undefined where there is nothing to add. */
  edit: Edit | undefined
}

export function planInit({ imported }: Survey, answers: Answers): InitPlan {
  const place = answers.secrets === 'keep' ? undefined : answers.secrets
  const chosen = imported.servers.filter(({ name }) => answers.servers.includes(name))
  const servers = chosen.map((server) => newServer(server, answers, place))
  const secrets = place ? chosen.flatMap((server) => secretsOf(server, answers)) : []
  return {
    servers,
    // One value may be used by several servers under one name.
    secrets: [...new Map(secrets.map((secret) => [secret.variable, secret])).values()],
    place,
    edit: servers.length > 0 ? sequence(servers.map(({ name, entry }) => addServer(name, entry))) : undefined,
  }
}

function newServer(server: ImportedServer, { values }: Answers, place: SecretPlace | undefined): NewServer {
  const { name, origins, needs } = server
  const missing = needs.filter(({ variable, from }) => from !== 'environment' && !values[variable])
  const entry = place ? replaceSecrets(server.entry, server.secrets, ({ variable }) => referenceTo(variable, place)) : server.entry
  const notes = server.notes.map(({ text }) => text)
  if (missing.length === 0) return { name, entry, origins, notes }
  const list = missing.map(({ variable }) => variable).join(', ')
  return {
    name,
    entry: { ...entry, disabled: true },
    origins,
    notes: [...notes, `It is switched off until ${list} ${missing.length === 1 ? 'is' : 'are'} set; then mcp-gw enable ${name}.`],
  }
}

function secretsOf({ name, secrets, needs }: ImportedServer, { values }: Answers): NewSecret[] {
  const found = secrets.map(({ variable, value }) => ({ variable, value, server: name }))
  const typed = needs.flatMap(({ variable }) => {
    const value = values[variable]
    return value ? [{ variable, value: new Secret(value, `the value of ${variable}`), server: name }] : []
  })
  return [...found, ...typed]
}
