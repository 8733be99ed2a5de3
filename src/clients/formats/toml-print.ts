/** Writes values as TOML. */
import { FormatRefusal, isTree, type KeyPath, type Tree } from './format.ts'

/** `[path]` and a line for each key; what is deeper stands within braces, so that an entry is one table. */
export function printTable(path: KeyPath, value: Tree): string {
  const lines = Object.entries(value).map(([key, item]) => printLine(key, item))
  return [`[${path.map(printKey).join('.')}]`, ...lines].join('\n')
}

export function printLine(key: string, value: unknown): string {
  return `${printKey(key)} = ${printValue(value)}`
}

export function printKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : printText(key)
}

export function printValue(value: unknown): string {
  if (typeof value === 'string') return printText(value)
  if (Array.isArray(value)) return `[${value.map(printValue).join(', ')}]`
  if (isTree(value)) {
    const members = Object.entries(value).map(([key, item]) => printLine(key, item))
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
  }
  if (value === null) throw new FormatRefusal('TOML has no null; leave the key out')
  return String(value)
}

function printText(text: string): string {
  // What JSON escapes TOML escapes alike, and DEL besides.
  return JSON.stringify(text).replaceAll('\u007F', '\\u007F')
}
