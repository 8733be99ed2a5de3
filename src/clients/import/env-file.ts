/** Reads the files of variables that some entries name instead of an `env` map. */
import { isTree, type Tree } from '../formats/format.ts'
import { pathOf } from '../machine.ts'
import type { VariableForm } from './forms.ts'
import { plain, type Surroundings, translate } from './variables.ts'

const LINE = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/

/** The variables of a `.env` file: one a line, quotes taken off, comments left out. */
export function parseEnvFile(text: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const [, name, value = ''] = LINE.exec(line) ?? []
    if (name !== undefined) found[name] = unquoted(value)
  }
  return found
}

function unquoted(value: string): string {
  const quote = value[0]
  if (quote !== '"' && quote !== "'") return value.replace(/\s+#.*$/, '')
  const end = value.indexOf(quote, 1)
  const inner = end < 0 ? value.slice(1) : value.slice(1, end)
  return quote === '"' ? inner.replaceAll('\\n', '\n') : inner
}

/** The entry with the variables of its `envFile` in its `env`; as it was where there is no such file. */
export async function withEnvFile(entry: Tree, forms: readonly VariableForm[], around: Surroundings): Promise<Tree> {
  const { envFile, ...rest } = entry
  if (typeof envFile !== 'string') return entry
  const path = pathOf(around.machine).resolve(around.project ?? around.folder, plain(translate(envFile, forms, around).text))
  try {
    const variables = parseEnvFile((await around.machine.files.read(path)).toString('utf8'))
    return { ...rest, env: { ...variables, ...(isTree(entry.env) ? entry.env : {}) } }
  } catch {
    // The entry keeps the key, which the import then reports as left out.
    return entry
  }
}
