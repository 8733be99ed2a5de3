/** Decides where secrets are kept and under which names, and keeps them when all else is settled. */
import { dirname } from 'node:path'
import { findSecrets, isPlaceholder, replaceSecrets } from '../clients/import/secrets.ts'
import type { ServerEntry } from '../clients/import/server-entry.ts'
import { literal } from '../clients/import/variables.ts'
import { readServer, readServerNames } from '../config/edit/edit.ts'
import { keychainFailure } from '../config/keychain.ts'
import type { Context } from '../config/load.ts'
import {
  envVariables,
  referenceTo,
  removeSecret,
  type SecretPlace,
  type SecretStore,
  storeSecret,
} from '../config/secret-store.ts'
import { Exit } from './exit.ts'
import type { Questions } from './interactive.ts'

/** `plain` leaves them in the config. */
export type SecretWish = SecretPlace | 'plain'
export const SECRET_WISHES: readonly SecretWish[] = ['keychain', 'env', 'plain']

/** A secret under the name by which the config speaks of it. */
export interface KeptSecret {
  name: string
  value: string
  place: SecretPlace
  /** The server that wants it. */
  server: string
  /** Another value is kept under this name, for this server alone, and this one takes its place. */
  replaces: boolean
}

export interface KeeperSetup {
  /** The config that speaks of the secrets. */
  file: string
  /** Where they are to be kept; without it, that is asked, or found out. */
  wish: SecretWish | undefined
  questions: Questions | undefined
  context: Context
  /** The text of the config as it is. */
  text: string
  store: Omit<SecretStore, 'place' | 'folder'>
}

export class SecretKeeper {
  readonly kept: KeptSecret[] = []
  readonly #setup: KeeperSetup
  #place: Promise<SecretWish> | undefined
  /** What was stored, with the value that was there before. */
  #stored: { secret: KeptSecret; before: string | undefined }[] = []

  constructor(setup: KeeperSetup) {
    this.#setup = setup
  }

  /** The entry without the secrets that stand in it; what only stands for a secret is left. */
  async relieve(entry: ServerEntry, server: string): Promise<ServerEntry> {
    const found = findSecrets(entry, server).filter(({ value }) => !isPlaceholder(value.reveal()))
    const texts = new Map<object, string>()
    for (const secret of found) texts.set(secret, await this.take(secret.variable, secret.value.reveal(), server))
    return replaceSecrets(entry, found, (secret) => texts.get(secret) ?? '')
  }

  /** Takes a secret and gives what stands for it in the config. Nothing is stored yet. */
  async take(variable: string, value: string, server: string): Promise<string> {
    this.#place ??= this.#choose(variable)
    const place = await this.#place
    if (place === 'plain') return literal(value)
    const { name, replaces } = await this.#nameFor(variable, value, { place, server })
    if (!this.kept.some((one) => one.name === name)) this.kept.push({ name, value, place, server, replaces })
    return referenceTo(name, place)
  }

  /** Surroundings in which the secrets are stored already, to load the config in before it is written. */
  context(): Context {
    const { context } = this.#setup
    const value = (place: SecretPlace, name: string): string | undefined =>
      this.kept.find((one) => one.place === place && one.name === name)?.value
    const ofEnv = this.kept.filter(({ place }) => place === 'env').map(({ name, value }) => [name, value] as const)
    return {
      ...context,
      env: { ...context.env, ...Object.fromEntries(ofEnv) },
      readKeychain: async (name) => {
        const kept = value('keychain', name)
        return kept === undefined ? context.readKeychain(name) : { value: kept }
      },
    }
  }

  /** Stores all secrets that are not there yet. */
  async store(): Promise<void> {
    for (const secret of this.kept) {
      const { name, value, place } = secret
      const before = await this.#known(name, place)
      if (before === value) continue
      const stored = await storeSecret(name, value, this.#storeOf(place))
      if ('error' in stored) throw new Exit(1, `${name} cannot be stored: ${stored.error}`)
      this.#stored.push({ secret, before })
    }
  }

  /** Makes what was stored undone, where the config that speaks of it could not be written. */
  async takeBack(): Promise<void> {
    for (const { secret, before } of this.#stored.splice(0)) {
      const store = this.#storeOf(secret.place)
      if (before === undefined) await removeSecret(secret.name, store)
      else await storeSecret(secret.name, before, store)
    }
  }

  #storeOf(place: SecretPlace): SecretStore {
    const { store, file } = this.#setup
    return { ...store, place, folder: dirname(file) }
  }

  async #choose(variable: string): Promise<SecretWish> {
    const { wish, questions, file } = this.#setup
    if (wish) return wish
    if (await keychainFailure()) return 'env'
    if (!questions) return 'keychain'
    return questions.select<SecretWish>(`Where shall ${variable} be kept?`, [
      { value: 'keychain', label: 'in the keychain of the system', hint: 'recommended' },
      { value: 'env', label: `in ${dirname(file)}/.env`, hint: 'a file that only you can read' },
      { value: 'plain', label: 'in the config itself', hint: 'whoever reads the config sees it' },
    ])
  }

  /** A name under which nothing else is kept, and nothing else is found first; or that of the value which this one replaces. */
  async #nameFor(
    variable: string,
    value: string,
    { place, server }: { place: SecretPlace; server: string },
  ): Promise<{ name: string; replaces: boolean }> {
    const prefix = `${server.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_`.replace(/^(?=\d)/, 'MCP_')
    const longer = variable.startsWith(prefix) ? variable : prefix + variable
    for (let n = 0; ; n++) {
      const name = n === 0 ? variable : n === 1 && longer !== variable ? longer : `${longer}_${n + 1}`
      const pending = this.kept.find((one) => one.name === name)?.value
      const known = pending ?? (await this.#known(name, place))
      if (known === undefined || known === value) return { name, replaces: false }
      if (pending === undefined && this.#isOfAlone(server, name, place)) return { name, replaces: true }
    }
  }

  /** Whether a name stands for a secret of this server and of nobody else. The environment is stronger than what we could keep. */
  #isOfAlone(server: string, name: string, place: SecretPlace): boolean {
    const { text, context } = this.#setup
    const reference = referenceTo(name, place)
    const users = readServerNames(text, '').filter((one) => JSON.stringify(readServer(text, '', one)).includes(reference))
    return users.length === 1 && users[0] === server && !(place === 'env' && context.env[name] !== undefined)
  }

  async #known(name: string, place: SecretPlace): Promise<string | undefined> {
    const { context, file } = this.#setup
    if (place === 'env') return context.env[name] ?? (await envVariables(dirname(file)))[name]
    const found = await context.readKeychain(name)
    return 'value' in found ? found.value : undefined
  }
}
