/** Edits the text of a `.env`: one variable changes, and every other line stays. */
import { parseVariables } from './env-file.ts'

type Edited = { text: string } | { error: string }

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The text with the variable set, at its old place or at the end. */
export function setVariable(text: string, name: string, value: string): Edited {
  if (!NAME.test(name)) return { error: `${name} is no name of a variable; a name has letters, digits and _` }
  const quoted = quote(value)
  if (quoted === undefined) return { error: NOT_THERE(name) }
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const line = `${name}=${quoted}`
  const found = lineOf(text, name)
  if (found === 'entangled') return { error: BY_HAND(name) }
  const open = text !== '' && !text.endsWith('\n')
  const edited = found ? text.slice(0, found.from) + line + text.slice(found.to) : `${text}${open ? eol : ''}${line}${eol}`
  return sameBut(edited, { ...parseVariables(text), [name]: value }, name)
}

/** The text without the variable; the same text where it has none. */
export function unsetVariable(text: string, name: string): Edited {
  const found = lineOf(text, name)
  if (found === 'entangled') return { error: BY_HAND(name) }
  if (!found) return { text }
  const edited = text.slice(0, found.from) + text.slice(found.to).replace(/^\r?\n/, '')
  const { [name]: _gone, ...rest } = parseVariables(text)
  return sameBut(edited, rest, name)
}

const NOT_THERE = (name: string): string =>
  `the value of ${name} cannot stand in .env; keep it in the keychain, or in a file: \${file:path}`
const BY_HAND = (name: string): string => `${name} stands there in a form that cannot be edited; change it by hand`

/** The last line that sets a variable, which is the one that counts; `entangled` where its value goes over several lines. */
function lineOf(text: string, name: string): { from: number; to: number } | 'entangled' | undefined {
  const lines = [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[^\r\n]*/gm)]
  const line = lines.findLast(([, found]) => found === name)
  const value = parseVariables(text)[name]
  if (!line && value === undefined) return undefined
  // By itself the line has to mean what it means in the file.
  if (!line || parseVariables(line[0])[name] !== value) return 'entangled'
  return { from: line.index, to: line.index + line[0].length }
}

/** The reader of the file has the last word on whether the edit has done what it should. */
function sameBut(edited: string, wanted: Record<string, string>, name: string): Edited {
  const got = parseVariables(edited)
  const names = new Set([...Object.keys(got), ...Object.keys(wanted)])
  if ([...names].every((one) => got[one] === wanted[one])) return { text: edited }
  return { error: NOT_THERE(name) }
}

function quote(value: string): string | undefined {
  if (/^[\w@%+=:,./-]+$/.test(value)) return value
  if (value.includes('\r')) return undefined
  // Between double quotes alone, \n would become a line break.
  if (!value.includes("'")) return `'${value}'`
  if (!value.includes('"') && !value.includes('\\')) return `"${value}"`
  return value.includes('`') ? undefined : `\`${value}\``
}
