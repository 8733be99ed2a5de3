/** The catalogue of servers that we know by name: what they are, where they are, and which keys they want. */
import type { ServerEntry } from './edit/edit.ts'

/** `key`: a key goes into the entry. `login`: signing in with OAuth; `app login`: only for clients that the vendor has admitted. */
type Auth = 'none' | 'optional key' | 'key' | 'key or login' | 'login' | 'app login'

/** A value that the entry names as `${NAME}` and that a person has to give. */
export interface Input {
  name: string
  /** Where it may be missing, what names it is left out of the entry. */
  required: boolean
  /** Kept outside the config. */
  secret: boolean
  about?: string
  /** What is taken where nothing is given. */
  default?: string
  choices?: string[]
}

export interface KnownServer {
  id: string
  title: string
  about: string
  category: string
  /** Made by whoever makes the thing that it is about. */
  official: boolean
  auth: Auth
  /** Where its keys come from, and what else there is to know. */
  docs: string
  /** `medium` comes from one source that nobody has checked against the vendor. */
  confidence: 'high' | 'medium'
  entry: ServerEntry
  inputs?: Input[]
  note?: string
}

/** All of them, in the order of the catalogue. It is read only when somebody asks for it. */
export async function knownServers(): Promise<KnownServer[]> {
  const { default: catalogue } = await import('../../templates/known-servers.json', { with: { type: 'json' } })
  return Object.entries(catalogue.servers).map(([id, server]) => ({ id, ...server }) as KnownServer)
}

/** Those that a query is about: every word of it is in the name, the description or the category. */
export function searchKnown(all: readonly KnownServer[], query: string): KnownServer[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const texts = (one: KnownServer): string => `${one.id} ${one.title} ${one.about} ${one.category}`.toLowerCase()
  return all.filter((one) => words.every((word) => texts(one).includes(word)))
}
