/** Reads the JSON of the registry, which strangers have written: in either spelling of its keys, and with every text as a mere text. */
import { literal, variableName } from '../../clients/import/variables.ts'
import type { Input } from '../../config/known-servers.ts'

export type Json = Record<string, unknown>

/** A text of the registry with its inputs, in the words of our config. */
export interface Worded {
  text: string
  inputs: Input[]
}

/** How older versions of the format write these keys. */
const OLD_KEYS: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'registry_type registry_base_url file_sha256 runtime_hint runtime_arguments package_arguments environment_variables ' +
    'is_required is_secret value_hint is_repeated website_url transport_type'
  )
    .split(' ')
    .map((key) => [key, key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())]),
)

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** The value of a variable, a header or an argument: fixed, or asked for under `fallback`. */
export function wordedValue(field: Json, fallback: string): Worded {
  const { value, variables } = field
  if (typeof value === 'string') return template(value, isObject(variables) ? variables : {})
  const input = inputOf(field, fallback)
  return { text: `\${${fallback}}`, inputs: [input] }
}

/** A fixed text, in which only `{name}` of its own variables means something; a `${…}` of the registry means itself. */
export function template(text: string, variables: Json): Worded {
  const inputs: Input[] = []
  // Behind a $ it is none of its variables, and must not become one of ours.
  const pieces = text.split(/(?<!\$)\{([A-Za-z_][\w-]*)\}/)
  const words = pieces.map((piece, i) => {
    const variable = i % 2 === 1 ? variables[piece] : undefined
    if (i % 2 === 0) return literal(oneLine(piece))
    if (!isObject(variable)) return `{${piece}}`
    if (typeof variable.value === 'string') return literal(oneLine(variable.value))
    const name = variableName(piece)
    inputs.push(inputOf(variable, name))
    return `\${${name}}`
  })
  return { text: words.join(''), inputs }
}

function inputOf({ description, isRequired, isSecret, default: usual, choices }: Json, name: string): Input {
  return {
    name,
    required: isRequired === true,
    secret: isSecret === true,
    ...(typeof description === 'string' && { about: oneLine(description) }),
    ...(typeof usual === 'string' && { default: usual }),
    ...(Array.isArray(choices) && { choices: choices.filter((choice) => typeof choice === 'string') }),
  }
}

export function unique(inputs: Input[]): Input[] {
  return [...new Map(inputs.map((input) => [input.name, input])).values()]
}

/** Text of strangers on a terminal: no line breaks, and no signs that move its cursor. */
export function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f]+/g, ' ')
}

/** The same with the keys of the newer format; names that somebody chose stay as they are. */
export function renamed(value: unknown, chosen = false): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const now = !chosen && Object.hasOwn(OLD_KEYS, key) ? (OLD_KEYS[key] as string) : key
      return [now, renamed(inner, now === 'variables')]
    }),
  )
}
