/** The repairs of our own config: each an edit with a backup and a line in the journal. */
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type FoundSecret, replaceSecrets } from '../../clients/import/secrets.ts'
import { recordedEdit } from '../../clients/recorded-edit.ts'
import { makeChange } from '../../config/change.ts'
import { setKey } from '../../config/edit/edit.ts'
import { contextOf } from '../../config/load.ts'
import { formatProblem } from '../../config/problem.ts'
import { referenceTo, type SecretStore, storeSecret } from '../../config/secret-store.ts'
import type { Around, WrittenServer } from './around.ts'

const REASON = 'doctor --fix'

type Value = Parameters<typeof setKey>[2]

/** Sets one key of a server. Throws with a reason for people where that cannot be done. */
export async function setServerKey(around: Around, server: string, key: string, value: Value): Promise<void> {
  const { file, history, runId, machine } = around
  if (file === undefined) throw new Error('there is no config file')
  const keys = [['servers', server, key]]
  const made = await makeChange({ path: file, fresh: '' }, setKey(server, key, value), {
    context: contextOf(machine),
    write: (edit) => recordedEdit(history, { ...edit, runId, client: 'mcp-gw', reason: REASON, format: 'yaml', keys }),
  })
  if ('problems' in made) throw new Error(made.problems.map(formatProblem).join('; '))
}

/** Puts the secrets of a server into the `.env` beside the config, and references in their place. */
export async function moveSecrets(around: Around, { name, written, entry, secrets }: WrittenServer): Promise<void> {
  if (!entry) return
  const movable = secrets.filter(({ place }) => sameAsWritten(String(place[0]), written, entry))
  if (movable.length < secrets.length) throw new Error('the entry is written in a way that only a person can change')
  const store = envStore(around)
  // The config must never name a variable that is not there yet.
  for (const { variable, value } of movable) {
    const stored = await storeSecret(variable, value.reveal(), store)
    if ('error' in stored) throw new Error(stored.error)
  }
  const replaced = replaceSecrets(entry, movable, (secret: FoundSecret) => referenceTo(secret.variable, 'env'))
  for (const part of new Set(movable.map(({ place }) => String(place[0])))) {
    await setServerKey(around, name, part, replaced[part as keyof typeof replaced] as Value)
  }
}

/** Reading an entry may translate it; only a part that it leaves alone can be written back. */
function sameAsWritten(part: string, written: Record<string, unknown>, entry: object): boolean {
  return isDeepStrictEqual(written[part], (entry as Record<string, unknown>)[part])
}

function envStore({ folder, history, runId, stateFolder }: Around): SecretStore {
  const about = { runId, client: 'mcp-gw', reason: REASON, keys: [] }
  const write: SecretStore['write'] = (edit) => recordedEdit(history, { ...edit, ...about })
  return { place: 'env', folder, write, journal: join(stateFolder, 'secrets.jsonl'), runId }
}
