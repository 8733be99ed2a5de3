/** The `.env` beside a config: variables that hold wherever the gateway is started, for those that the environment lacks. */
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { digestOf } from './digest.ts'

export interface EnvFile {
  path: string
  /** Nothing of them is passed on: they are what `${VAR}` in the config may mean. */
  values: Record<string, string>
  /** Undefined where there is no such file, or it cannot be read. */
  digest: string | undefined
}

export function envFileIn(folder: string): string {
  return join(folder, '.env')
}

/** Reads the file. One that cannot be read is like none: the config says what it lacks, and where. */
export async function readEnvFile(folder: string, readFile: (path: string) => Promise<string>): Promise<EnvFile> {
  const path = envFileIn(folder)
  try {
    const text = await readFile(path)
    return { path, values: parseVariables(text), digest: digestOf(text) }
  } catch {
    return { path, values: {}, digest: undefined }
  }
}

/** The variables of a text as Node's own `--env-file` reads it, which is what people know from dotenv. */
export function parseVariables(text: string): Record<string, string> {
  // Editors on Windows begin a file with a byte order mark, which would become a part of the first name.
  return parseEnv(text.replace(/^\uFEFF/, '')) as Record<string, string>
}
