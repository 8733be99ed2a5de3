/** Keeps secrets outside the config: in the keychain of the system, or in the `.env` beside the config that only its owner can read. */
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EditError } from '../std/edit-error.ts'
import type { WriteFile } from './change.ts'
import { envFileIn, parseVariables } from './env-file.ts'
import { setVariable, unsetVariable } from './env-text.ts'
import { removeFromKeychain, writeKeychain } from './keychain.ts'

export type SecretPlace = 'keychain' | 'env'

/** Where the secrets of one config are kept. */
export interface SecretStore {
  place: SecretPlace
  /** The folder of the config. */
  folder: string
  write: WriteFile
  /** A file to which each secret that is stored or removed is added, by name, so that it can be told later which are ours. */
  journal: string
  /** The command that this is a part of. */
  runId: string
}

/** What was done to a secret. Its value is never written down. */
export interface SecretRecord {
  at: string
  runId: string
  done: 'stored' | 'removed'
  place: SecretPlace
  name: string
  /** The file that it is kept in; the keychain has none. */
  file?: string
}

/** The `${…}` that stands for a secret in the config. */
export function referenceTo(name: string, place: SecretPlace): string {
  return place === 'keychain' ? `\${keychain:${name}}` : `\${${name}}`
}

/** Stores a secret, in place of one with the same name, and gives what to write for it; or says why it cannot be stored. */
export async function storeSecret(
  name: string,
  value: string,
  store: SecretStore,
): Promise<{ text: string } | { error: string }> {
  const failure =
    store.place === 'keychain' ? await writeKeychain(name, value) : await editEnv(store, (text) => setVariable(text, name, value))
  if (failure) return failure
  await record(store, 'stored', name)
  return { text: referenceTo(name, store.place) }
}

/** Takes a secret away; false where there is none. */
export async function removeSecret(name: string, store: SecretStore): Promise<boolean | { error: string }> {
  if (store.place === 'keychain') {
    const removed = await removeFromKeychain(name)
    if (removed === true) await record(store, 'removed', name)
    return removed
  }
  if ((await envVariables(store.folder))[name] === undefined) return false
  const failure = await editEnv(store, (text) => unsetVariable(text, name))
  if (failure) return failure
  await record(store, 'removed', name)
  return true
}

/** The variables of the `.env` of a config. */
export async function envVariables(folder: string): Promise<Record<string, string>> {
  try {
    return parseVariables(await readFile(envFileIn(folder), 'utf8'))
  } catch {
    // None there, or none that we may read: writing says which.
    return {}
  }
}

async function editEnv(
  { folder, write }: SecretStore,
  change: (text: string) => { text: string } | { error: string },
): Promise<{ error: string } | undefined> {
  const path = envFileIn(folder)
  try {
    const edit = (text = ''): string => {
      const changed = change(text)
      if ('error' in changed) throw new EditError('unsuitable', `${path}: ${changed.error}`)
      return changed.text
    }
    await write({ path, edit, mode: 0o600, modeOf: () => 0o600 })
    return undefined
  } catch (error) {
    if (error instanceof EditError) return { error: error.message }
    throw error
  }
}

async function record({ journal, runId, place, folder }: SecretStore, done: SecretRecord['done'], name: string): Promise<void> {
  const line: SecretRecord = {
    at: new Date().toISOString(),
    runId,
    done,
    place,
    name,
    ...(place === 'env' && { file: envFileIn(folder) }),
  }
  await mkdir(dirname(journal), { recursive: true, mode: 0o700 })
  await appendFile(journal, `${JSON.stringify(line)}\n`, { mode: 0o600 })
}
