/** Splits a `command` that is one text with arguments, before its `${…}` are filled in. */
import { shellSplit } from '../std/shell-split.ts'
import { lookUp, type Sources } from './interpolate.ts'
import type { Report } from './problem.ts'
import type { Part } from './template.ts'
import type { MapTree, ScalarTree } from './tree.ts'

/**
 * The entry with `command` and `args` apart. A `${…}` within a command is never split, so a token may hold blanks and quotes;
 * a command that is nothing but one `${…}` is split by its value.
 */
export function splitCommand(server: MapTree, sources: Sources, report: Report): MapTree {
  const command = server.entries.get('command')
  const args = server.entries.get('args')?.value
  if (command?.value.kind !== 'scalar' || (args && !(args.kind === 'scalar' && args.value === null))) return server
  const line = command.value
  if (typeof line.value !== 'string' || line.template.errors.length > 0) return server
  const parts = foundParts(line, sources)
  const words = 'error' in parts ? parts : splitParts(parts)
  if (!words) return server
  if ('error' in words) {
    report(line.at, line.key, words.error)
    return server
  }
  const [program, ...rest] = words.map((parts) => wordTree(line, parts))
  if (!program) return server
  const entries = new Map(server.entries).set('command', { ...command, value: program })
  const list = { kind: 'list', at: line.at, key: line.key, count: words.length, items: rest } as const
  return { ...server, entries: entries.set('args', { keyAt: command.keyAt, value: list }) }
}

/** The parts of the line. A lone reference becomes one part a word, each of which remembers where it came from. */
function foundParts(line: ScalarTree, sources: Sources): Part[] | { error: string } {
  const { parts } = line.template
  const [only] = parts
  if (parts.length !== 1 || only === undefined || typeof only === 'string') return parts
  const found = lookUp(only, sources)
  if ('problem' in found || !/\s/.test(found.value)) return parts
  const words = shellSplit(found.value)
  if ('error' in words) return { error: `the value of ${only.raw} cannot be split: ${words.error}` }
  return words.flatMap((value): Part[] => [{ ...only, found: { ...found, value } }, ' '])
}

/** The words, each as its parts; undefined where there is nothing to split. */
function splitParts(parts: Part[]): Part[][] | { error: string } | undefined {
  const plain = parts.filter((part) => typeof part === 'string').join('')
  if (!/\s/.test(plain)) return undefined
  if (plain.includes('\0')) return { error: 'a command cannot contain a NUL character' }
  // Each reference travels as its number between NULs, which no shell syntax touches.
  const words = shellSplit(parts.map((part, i) => (typeof part === 'string' ? part : `\0${i}\0`)).join(''))
  if ('error' in words) return words
  const advice = misread(plain, words[0])
  if (advice) return { error: advice }
  return words.map((word) => word.split('\0').map((piece, i) => (i % 2 === 0 ? piece : (parts[Number(piece)] as Part))))
}

/** What people write that splits well but does not mean what they think. */
function misread(line: string, program: string | undefined): string | undefined {
  if (/^\s*[A-Za-z]:\\/.test(line)) return 'a backslash quotes here; give the program as command and its arguments as args'
  if (program && /^[A-Za-z_]\w*=/.test(program)) return `it starts with a variable; put ${program.split('=')[0]} into env`
  return undefined
}

function wordTree(line: ScalarTree, parts: Part[]): ScalarTree {
  const source = parts.map((part) => (typeof part === 'string' ? part : part.raw)).join('')
  return { ...line, value: source, source, template: { parts, errors: [] } }
}
