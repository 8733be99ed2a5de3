/** Edits the text of a `.env`: one variable changes, and every other line stays. */
import { parseVariables } from './env-file.ts'

type Edited = { text: string } | { error: string }

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The text with the variable set, at its old place or at the end. */
export function setVariable(text: string, name: string, value: string): Edited {
  if (!NAME.test(name)) return { error: `${name} is no name of a variable; a name has letters, digits and _` }
  const quoted = quote(value)
  if (quoted === undefined) return { error: `a value with all three kinds of quotes cannot stand in .env` }
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const line = `${name}=${quoted}`
  const found = lineOf(text, name)
  const open = text !== '' && !text.endsWith('\n')
  const edited = found
    ? text.slice(0, found.from) + line + text.slice(found.to)
    : `${text}${open ? eol : ''}${line}${eol}`
  return sameBut(text, edited, { ...parseVariables(text), [name]: value }, name)
}

/** The text without the variable; the same text where it has none. */
export function unsetVariable(text: string, name: string): Edited {
  const found = lineOf(text, name)
  if (!found) return { text }
  const edited = text.slice(0, found.from) + text.slice(found.to).replace(/^\r?\n/, '')
  const { [name]: _gone, ...rest } = parseVariables(text)
  return sameBut(text, edited, rest, name)
}

/** The last line that sets a variable, which is the one that counts; without its line break. */
function lineOf(text: string, name: string): { from: number; to: number } | undefined {
  const lines = [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[^\r\n]*/gm)]
  const line = lines.findLast(([, found]) => found === name)
  return line && { from: line.index, to: line.index + line[0].length }
}

/** A value over several lines is not understood here line by line, so what came out is compared with what was meant. */
function sameBut(text: string, edited: string, wanted: Record<string, string>, name: string): Edited {
  const got = parseVariables(edited)
  const names = new Set([...Object.keys(got), ...Object.keys(wanted)])
  if ([...names].every((one) => got[one] === wanted[one])) return { text: edited }
  const there = parseVariables(text)[name] !== undefined
  return { error: `${name} ${there ? 'stands there in a form that' : 'has a value that'} cannot be edited; change it by hand` }
}

function quote(value: string): string | undefined {
  if (/^[\w@%+=:,./-]+$/.test(value)) return value
  if (value.includes('\r')) return undefined
  // Between double quotes alone, \n would become a line break.
  if (!value.includes("'")) return `'${value}'`
  if (!value.includes('"') && !value.includes('\\')) return `"${value}"`
  return value.includes('`') ? undefined : `\`${value}\``
}
