/** Writes what is generated from the config's schema: the JSON Schema for editors and the table in the README. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { configSchema } from '../../src/config/schema.ts'
import { isText } from '../../src/config/shape.ts'

export interface Json {
  type?: string | string[]
  description?: string
  default?: unknown
  enum?: unknown[]
  anyOf?: Json[]
  pattern?: string
  minimum?: number
  maximum?: number
  properties?: Record<string, Json>
  additionalProperties?: Json | boolean
  propertyNames?: Json
  items?: Json
  definitions?: Record<string, Json>
  $ref?: string
}

/** A value that the loader fills in before it looks at it. */
const INTERPOLATED: Json = { type: 'string', pattern: '\\$\\{' }

function inputSchema(): Json {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    // Editors know this one best.
    target: 'draft-7',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // JSON Schema cannot say what our own check of a text says.
      if (isText(zodSchema) && !jsonSchema.anyOf) jsonSchema.type = 'string'
      // Zod bounds whole numbers by what a double holds exactly, which tells a person nothing.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  }) as Json
}

/** What an editor may accept: the schema, `${…}` in every leaf, and the shapes that people paste. */
export function editorSchema(): Json {
  const json = interpolable(inputSchema())
  const { servers } = json.properties as { servers: Json }
  const properties = { ...json.properties }
  const entries: Json = {
    type: 'object',
    propertyNames: { pattern: '^[A-Za-z0-9_.-]{1,64}$' },
    additionalProperties: { $ref: '#/definitions/server' },
  }
  properties.servers = { ...servers, ...entries, properties: { mcpServers: { $ref: '#/definitions/servers' } } }
  properties.mcpServers = { ...entries, description: 'The same as `servers`, under the name that other clients use.' }
  properties.$schema = { type: 'string', description: 'Where this schema is, for editors.' }
  return { ...json, properties, definitions: { server: servers.additionalProperties as Json, servers: entries } }
}

function interpolable(json: Json): Json {
  const { type, enum: words, minimum, maximum, pattern, properties, additionalProperties, items, ...rest } = json
  if (pattern !== undefined) return { ...json, pattern: `${pattern}|${INTERPOLATED.pattern}` }
  if (words || type === 'integer' || type === 'number' || type === 'boolean') {
    const plain = dropUndefined({ type, enum: words, minimum, maximum })
    return { ...rest, anyOf: [plain, INTERPOLATED] }
  }
  const values = typeof additionalProperties === 'object' ? member(additionalProperties) : additionalProperties
  const keys = properties && Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, interpolable(value)]))
  return dropUndefined({ ...json, properties: keys, items: items && member(items), additionalProperties: values })
}

/** What a list or a map holds. The loader takes `PORT: 8080` for a text, so editors do too. */
function member(json: Json): Json {
  const anyText = json.type === 'string' && json.pattern === undefined && json.enum === undefined
  return anyText ? { ...json, type: ['string', 'number', 'boolean'] } : interpolable(json)
}

function dropUndefined(json: { [K in keyof Json]: Json[K] | undefined }): Json {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined))
}

/** One row for every key that a config may have. */
export function referenceTable(): string {
  return ['| key | default | what |', '|---|---|---|', ...rows(inputSchema(), '')].join('\n')
}

function rows(json: Json, path: string): string[] {
  if (json.properties) {
    return Object.entries(json.properties).flatMap(([key, value]) => rows(value, path ? `${path}.${key}` : key))
  }
  if (typeof json.additionalProperties === 'object' && json.additionalProperties.properties) {
    return rows(json.additionalProperties, `${path}.<name>`)
  }
  const words = json.enum ? ` One of ${json.enum.map((word) => `\`${word}\``).join(', ')}.` : ''
  const value =
    json.default === undefined ? '' : `\`${typeof json.default === 'string' ? json.default : JSON.stringify(json.default)}\``
  return [`| \`${path}\` | ${value} | ${`${json.description ?? ''}${words}`.replaceAll('|', '\\|').trim()} |`]
}

const START = '<!-- config:start -->'
const END = '<!-- config:end -->'

/** The README with the table between its markers; as it is where it has none. */
export function withTable(readme: string): string {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END, start)
  if (start < 0 || end < 0) return readme
  return `${readme.slice(0, start + START.length)}\n${referenceTable()}\n${readme.slice(end)}`
}

interface Generated {
  path: string
  /** Undefined where the file is missing. */
  old: string | undefined
  content: string
}

export async function generated(root: string): Promise<Generated[]> {
  const schemaPath = 'templates/mcp-gw.schema.json'
  const schema = {
    path: schemaPath,
    old: await readOr(join(root, schemaPath)),
    content: `${JSON.stringify(editorSchema(), null, 2)}\n`,
  }
  const readme = await readOr(join(root, 'README.md'))
  return readme === undefined ? [schema] : [schema, { path: 'README.md', old: readme, content: withTable(readme) }]
}

async function readOr(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** What would change in a file, from the first line that differs on. */
export function difference({ path, old, content }: Generated): string {
  const before = (old ?? '').split('\n')
  const after = content.split('\n')
  const from = after.findIndex((line, i) => line !== before[i])
  const at = from < 0 ? after.length : from
  const shown = (lines: string[], sign: string): string[] => lines.slice(at, at + 5).map((line) => `${sign}${line}`)
  return [`--- ${path}:${at + 1}`, ...shown(before, '-'), ...shown(after, '+')].join('\n')
}

async function main(root: string, check: boolean): Promise<void> {
  const stale = (await generated(root)).filter((file) => file.old !== file.content)
  if (check) {
    for (const file of stale) console.error(difference(file))
    if (stale.length > 0) console.error('These files are stale. Run npm run generate.')
    process.exitCode = stale.length > 0 ? 1 : 0
    return
  }
  for (const file of stale) {
    await writeFile(join(root, file.path), file.content)
    console.log(`wrote ${file.path}`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.cwd(), process.argv.includes('--check'))
