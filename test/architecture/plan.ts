/** The plan that the architecture tests hold the sources to: the line of folders, the homes of packages, and the sizes of pages. */

/** A folder of src/ imports only from itself and from folders to its left. */
export const LINE = [
  'std',
  'protocol',
  'observe',
  'call',
  'interceptors',
  'upstream',
  'capability',
  'catalog',
  'gateway',
  'downstream',
  'config',
  'clients',
  'cli',
]

export interface LineException {
  /** The importing file, below src/. */
  from: string
  /** The imported file, below src/. */
  to: string
  /** Why this one import may go to the right. */
  reason: string
}

/** Imports against the line, each with its reason. One that is no longer needed fails the test. */
export const LINE_EXCEPTIONS: LineException[] = []

/** package → the folders, or single files, of src/ that may import it; `*` is everywhere. */
export const HOMES: Record<string, string[]> = {
  '@clack/prompts': ['cli'],
  '@napi-rs/keyring': ['config'],
  '@modelcontextprotocol/sdk': ['upstream', 'downstream/sse.ts'],
  commander: ['cli'],
  'cross-spawn': ['upstream'],
  execa: ['cli', 'std'],
  diff: ['clients'],
  express: ['downstream'],
  'gpt-tokenizer': ['observe'],
  'image-size': ['gateway/results'],
  'jq-web': ['gateway/results'],
  'jsonc-parser': ['clients'],
  kleur: ['cli', 'observe'],
  pino: ['observe'],
  'proper-lockfile': ['std'],
  re2js: ['gateway/results'],
  'toml-eslint-parser': ['clients'],
  yaml: ['config', 'clients', 'capability'],
  zod: ['*'],
}

/** Where a page ends, in lines. */
export const LINES_MAX = { src: 250, test: 400 }

/** Files outside src/ that a source may import, because the build puts them into the bundle. */
export const OUTSIDE = [/^package\.json$/, /^templates\/[\w./-]+\.json$/]
