/** Reads the files of variables that some entries name instead of an `env` map. */
import { parseVariables } from '../../config/env-file.ts'
import { isTree, type Tree } from '../formats/format.ts'
import { pathOf } from '../machine.ts'
import type { VariableForm } from './forms.ts'
import { plain, type Surroundings, translate } from './variables.ts'

/** The entry with the variables of its `envFile` in its `env`; as it was where there is no such file. */
export async function withEnvFile(entry: Tree, forms: readonly VariableForm[], around: Surroundings): Promise<Tree> {
  const { envFile, ...rest } = entry
  if (typeof envFile !== 'string') return entry
  const path = pathOf(around.machine).resolve(around.project ?? around.folder, plain(translate(envFile, forms, around).text))
  try {
    const variables = parseVariables((await around.machine.files.read(path)).toString('utf8'))
    return { ...rest, env: { ...variables, ...(isTree(entry.env) ? entry.env : {}) } }
  } catch {
    // The entry keeps the key, which the import then reports as left out.
    return entry
  }
}
