/** `mcp-gw secret`: keeps the secrets that the config speaks of, in the keychain of the system or in the `.env` beside it. */

import { dirname } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import kleur from 'kleur'
import { envFileIn } from '../../config/env-file.ts'
import { keychainFailure, listKeychain } from '../../config/keychain.ts'
import {
  envVariables,
  referenceTo,
  removeSecret,
  type SecretPlace,
  type SecretStore,
  storeSecret,
} from '../../config/secret-store.ts'
import { homeDir, shortPath } from '../../std/paths.ts'
import { ConfigEditing, secretsJournal } from '../config-editing.ts'
import type { CommonOptions } from '../context.ts'
import { Exit } from '../exit.ts'
import { interactive, questions } from '../interactive.ts'
import { print, printJson } from '../terminal.ts'

export interface SecretOptions extends CommonOptions {
  in?: SecretPlace
  json?: boolean
}

/** Stores a secret, which is asked for, or read from stdin: what stands in a command line, others can see. */
export async function setSecret(name: string, options: SecretOptions): Promise<void> {
  const store = await storeFor(options, 'secret set')
  const value = interactive(options)
    ? await (await questions()).secret(name, { required: true })
    : (await readAll(process.stdin)).replace(/\r?\n$/, '')
  if (value === '') throw new Exit(2, `nothing came on stdin; give the value of ${name} there, or run this in a terminal`)
  const stored = await storeSecret(name, value, store)
  if ('error' in stored) throw new Exit(1, stored.error)
  if (options.json) return printJson({ name, place: store.place, reference: stored.text })
  print(`${kleur.green('✓')} ${name} is kept in ${placeText(store)}. Write ${stored.text} for it in the config.`)
}

/** Lists the names of the secrets; their values are never shown. */
export async function listSecrets(options: SecretOptions): Promise<void> {
  const { folder } = await storeFor({ ...options, in: 'env' }, 'secret list')
  const inEnv = options.in === 'keychain' ? [] : Object.keys(await envVariables(folder)).sort()
  const inKeychain = options.in === 'env' ? [] : await listKeychain()
  const names = Array.isArray(inKeychain) ? inKeychain : []
  if (options.json)
    return printJson({ keychain: names, env: inEnv, ...(!Array.isArray(inKeychain) && { error: inKeychain.error }) })
  for (const name of names) print(referenceTo(name, 'keychain'))
  for (const name of inEnv) print(referenceTo(name, 'env'))
  if (names.length + inEnv.length === 0) print('No secrets are kept.')
  // Where secrets are kept in .env, a keychain that is not there is no news.
  if (!Array.isArray(inKeychain) && inEnv.length === 0) process.stderr.write(`${inKeychain.error}\n`)
}

export async function removeSecrets(names: readonly string[], options: SecretOptions): Promise<void> {
  const store = await storeFor(options, 'secret remove')
  const removed: string[] = []
  for (const name of names) {
    const done = await removeSecret(name, store)
    if (typeof done === 'object') throw new Exit(1, done.error)
    if (!done) throw new Exit(1, `${placeText(store)} has no ${name}`)
    removed.push(name)
  }
  if (options.json) return printJson({ removed, place: store.place })
  print(`${kleur.green('✓')} ${removed.join(', ')} ${removed.length > 1 ? 'are' : 'is'} gone from ${placeText(store)}.`)
}

/** The place that was asked for, or the keychain where there is one. */
async function storeFor(options: SecretOptions, reason: string): Promise<SecretStore> {
  const editing = new ConfigEditing(options, reason)
  const place = options.in ?? ((await keychainFailure()) ? 'env' : 'keychain')
  return {
    place,
    folder: dirname(editing.target.path),
    write: editing.writer([]),
    journal: secretsJournal(),
    runId: editing.runId,
  }
}

function placeText({ place, folder }: SecretStore): string {
  return place === 'keychain' ? 'the keychain of the system' : shortPath(envFileIn(folder), homeDir(process.env))
}
