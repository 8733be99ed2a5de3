/** Reads the `${…}` forms in a config value; what they stand for is another file's business. */
import { suggest } from '../std/suggest.ts'

/** One `${…}`: a variable of the environment, a file, or a secret in the keychain of the system. */
export interface Reference {
  /** As written, `${` and `}` included. */
  raw: string
  from: 'env' | 'file' | 'keychain'
  name: string
  /** What an unset or empty variable gives instead. */
  fallback?: string
  /** What it stands for, where that had to be looked up early; `outside` means that the text is not in the config file. */
  found?: { value: string; outside: boolean }
}

export type Part = string | Reference

export interface Template {
  parts: Part[]
  /** What is wrong with the forms that are not among the parts. */
  errors: string[]
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
const SCHEMED = /^([A-Za-z][\w-]*):([\s\S]*)$/
const LATER = new Set(['cmd'])
const KNOWN_FORMS = '${VAR}, ${VAR:-default}, ${file:path} and ${keychain:name} are known'
/** What stands behind the colon, for those that name nothing. */
const OUTSIDE = { file: 'file', keychain: 'secret' } as const

/** Cuts a value into plain text and references. `$${` is a literal `${`. */
export function parseTemplate(source: string): Template {
  const template: Template = { parts: [], errors: [] }
  let plain = ''
  let i = 0
  for (;;) {
    const dollar = source.indexOf('${', i)
    if (dollar < 0) break
    if (dollar > i && source[dollar - 1] === '$') {
      plain += `${source.slice(i, dollar - 1)}\${`
      i = dollar + 2
      continue
    }
    const end = closingBrace(source, dollar + 2)
    if (end < 0) {
      template.errors.push('a ${ is never closed; close it with }, or write $${ for a literal ${')
      break
    }
    plain += source.slice(i, dollar)
    if (plain) template.parts.push(plain)
    plain = ''
    const reference = readReference(source.slice(dollar, end + 1))
    if (typeof reference === 'string') template.errors.push(reference)
    else template.parts.push(reference)
    i = end + 1
  }
  plain += source.slice(i)
  if (plain) template.parts.push(plain)
  return template
}

export function hasReference(template: Template): boolean {
  return template.errors.length > 0 || template.parts.some((part) => typeof part !== 'string')
}

/** Braces inside are counted, so that a default may be JSON. */
function closingBrace(source: string, start: number): number {
  let depth = 1
  for (let i = start; i < source.length; i++) {
    if (source[i] === '{') depth++
    else if (source[i] === '}' && --depth === 0) return i
  }
  return -1
}

/** The reference, or what is wrong with it. */
function readReference(raw: string): Reference | string {
  const inner = raw.slice(2, -1)
  if (VARIABLE.test(inner)) return { raw, from: 'env', name: inner }
  if (inner.includes('${')) return `${raw}: a \${…} cannot stand inside another one`
  const separator = inner.indexOf(':-')
  const name = inner.slice(0, separator)
  if (separator > 0 && VARIABLE.test(name)) return { raw, from: 'env', name, fallback: inner.slice(separator + 2) }
  const [, scheme, rest] = (SCHEMED.exec(inner) ?? []) as [unknown, string?, string?]
  if (scheme === undefined || rest === undefined) {
    return `${raw} names no variable: a name has letters, digits and _; write $\${ for a literal \${`
  }
  if (scheme !== 'file' && scheme !== 'keychain') return schemeError(raw, scheme, rest)
  return rest ? { raw, from: scheme, name: rest } : `${raw} names no ${OUTSIDE[scheme]}`
}

function schemeError(raw: string, scheme: string, rest: string): string {
  if (LATER.has(scheme)) return `${raw}: \${${scheme}:…} is not available yet; use \${VAR}, \${file:path} or \${keychain:name}`
  if (scheme.toLowerCase() === 'env') return `${raw}: variables need no prefix; did you mean \${${rest}}?`
  // `${VAR:default}` and `${VAR:?text}` are how other tools write it.
  if (VARIABLE.test(scheme) && /^[A-Z]/.test(scheme)) {
    return `${raw} is no form that is known here; did you mean \${${scheme}:-${rest.replace(/^[-=?+]/, '')}}?`
  }
  const meant = suggest(scheme, [...Object.keys(OUTSIDE), ...LATER])
  return meant
    ? `${raw}: nothing is called ${scheme}; did you mean \${${meant}:${rest}}?`
    : `${raw}: nothing is called ${scheme}; ${KNOWN_FORMS}`
}
