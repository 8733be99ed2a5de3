/** Names what differs between two settled configs, by dotted key and never by value. */
import { Secret } from './secret.ts'

/** The keys whose values differ; a list counts as one value, and a secret differs when what it holds does. */
export function changedKeys(before: unknown, after: unknown, path = ''): string[] {
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => changedKeys(before[key], after[key], path ? `${path}.${key}` : key))
  }
  return canonical(before) === canonical(after) ? [] : [path]
}

/** One text for equal values: secrets revealed, keys sorted, what is undefined left out. It must never be shown to anyone. */
export function canonical(value: unknown): string {
  if (value instanceof Secret) return JSON.stringify(value.reveal())
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isMap(value)) return JSON.stringify(value) ?? 'undefined'
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret)
}
