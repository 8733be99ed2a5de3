/** One entry of a client's file, as its reader goes through it: which keys were used, and what its texts need. */
import type { Dialect, ValueKind } from '../client.ts'
import { isTree, type Tree } from '../formats/format.ts'
import type { ImportNote } from './server-entry.ts'
import { literal, type Need, type Surroundings, translate } from './variables.ts'

export class RawEntry {
  readonly needs: Need[] = []
  readonly notes: ImportNote[] = []
  readonly dialect: Dialect
  readonly #values: Tree
  readonly #around: Surroundings
  readonly #used = new Set<string>()

  constructor(values: Tree, dialect: Dialect, around: Surroundings) {
    this.#values = flat(values)
    this.dialect = dialect
    this.#around = around
  }

  get(key: string): unknown {
    this.#used.add(key)
    return this.#values[key]
  }

  /** The keys that nobody asked for and that say something. */
  unused(): string[] {
    return Object.keys(this.#values).filter((key) => !this.#used.has(key) && isSaid(this.#values[key]))
  }

  /** A text of the entry in the words of our config. */
  text(value: string, kind: ValueKind): string {
    const { variables } = this.dialect
    if (variables === 'ours') return value
    if (!variables || (variables.only && !variables.only.includes(kind))) return literal(value)
    const translated = translate(value, variables.forms, this.#around)
    this.needs.push(...translated.needs)
    for (const form of translated.unknown)
      this.notes.push({ kind: 'unknown value', text: `only the client can fill in ${form}; write what it stands for` })
    return translated.text
  }

  /** The first of these keys that holds a text. */
  first(keys: readonly string[], kind: ValueKind): { key: string; text: string } | undefined {
    for (const key of keys) {
      const value = this.get(key)
      if (typeof value === 'string' && value.trim() !== '') return { key, text: this.text(value, kind) }
    }
    return undefined
  }

  /** A variable that the entry names by its name alone. */
  variable(name: string): string {
    this.needs.push({ variable: name, from: this.#around.machine.env[name] ? 'environment' : 'unset' })
    return `\${${name}}`
  }
}

/** The entry without the inner maps that some versions have: `transport: {…}`, and `command: {path, args}` of old Zed. */
function flat(values: Tree): Tree {
  const { transport, command, ...rest } = values
  return {
    ...rest,
    ...(isTree(transport) ? transport : { transport }),
    ...(isTree(command) ? { args: command.args, env: command.env, command: command.path } : command !== undefined && { command }),
  }
}

/** Whether a value says anything: empty lists and maps are what clients write by default. */
function isSaid(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return !isTree(value) || Object.keys(value).length > 0
}
