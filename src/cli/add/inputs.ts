/** Finds the values that a server of a catalogue wants: given by flags, taken from the environment, or asked for. */

import { isPlaceholder } from '../../clients/import/secrets.ts'
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { mapTexts, textsOf } from '../../clients/import/texts.ts'
import { literal, usesVariable } from '../../clients/import/variables.ts'
import type { Input } from '../../config/known-servers.ts'
import type { Questions } from '../interactive.ts'

export interface InputSource {
  /** Values by name, as `-e` gives them. */
  given: Readonly<Record<string, string>>
  env: NodeJS.ProcessEnv
  /** Undefined where there is nobody to ask. */
  questions: Questions | undefined
  /** Says where the values come from, before they are asked for. */
  tell(): void
}

/** A value of an input: typed by somebody, or left to the environment that has it. */
export type Filled = { value: string } | 'environment'

/** The values by name; those that may be missing and are, are absent. `missing` are those without which it cannot work. */
export async function fillInputs(
  inputs: readonly Input[],
  source: InputSource,
): Promise<{ values: Map<string, Filled>; missing: Input[] }> {
  const values = new Map<string, Filled>()
  const missing: Input[] = []
  let told = false
  for (const input of inputs) {
    const known = knownValue(input, source)
    if (known) {
      values.set(input.name, known)
      continue
    }
    if (!source.questions) {
      if (input.default !== undefined) values.set(input.name, { value: input.default })
      else if (input.required) missing.push(input)
      continue
    }
    if (!told) source.tell()
    told = true
    const value = await ask(input, source.questions)
    if (value !== '') values.set(input.name, { value })
  }
  return { values, missing }
}

function knownValue({ name }: Input, { given, env }: InputSource): Filled | undefined {
  const value = given[name]
  // What a README puts in the place of a key is none.
  if (value !== undefined && !isPlaceholder(value)) return { value }
  return env[name] ? 'environment' : undefined
}

async function ask({ name, about, required, secret, choices, default: usual }: Input, questions: Questions): Promise<string> {
  const what = about ? `${name}: ${about}` : name
  const enter = usual === undefined ? '(optional, Enter leaves it out)' : `(Enter takes ${usual})`
  const message = required && usual === undefined ? what : `${what} ${enter}`
  if (choices && choices.length > 0) {
    return questions.select(
      message,
      choices.map((value) => ({ value, label: value, ...(value === usual && { hint: 'usual' }) })),
    )
  }
  if (secret) return questions.secret(message, { required })
  const typed = await questions.text(message, {
    required: required && usual === undefined,
    ...(usual !== undefined && { placeholder: usual }),
  })
  return typed === '' ? (usual ?? '') : typed
}

/** The entry with its inputs in place: what is no secret as it is, secrets as `${NAME}`, and without what nobody gave. */
export function withInputs(entry: ServerEntry, inputs: readonly Input[], values: ReadonlyMap<string, Filled>): ServerEntry {
  let filled = entry
  for (const input of inputs) {
    const value = values.get(input.name)
    if (value === undefined) filled = without(filled, input.name)
    else if (value !== 'environment' && !input.secret) {
      filled = mapTexts(filled, (text) => text.replaceAll(`\${${input.name}}`, () => literal(value.value)))
    }
  }
  return filled
}

/** The entry without everything that names a variable. */
function without(entry: ServerEntry, name: string): ServerEntry {
  const kept = (map: Record<string, string> | undefined) =>
    map && Object.fromEntries(Object.entries(map).filter(([, text]) => !usesVariable(text, name)))
  const { env, headers, args, ...rest } = entry
  const parts = { env: kept(env), headers: kept(headers), args: args?.filter((arg) => !usesVariable(arg, name)) }
  const filled = Object.entries(parts).filter(([, part]) => part !== undefined && Object.keys(part).length > 0)
  return inOrder(entry, { ...rest, ...Object.fromEntries(filled) })
}

/** The keys in the order in which they stood. */
function inOrder(before: ServerEntry, after: ServerEntry): ServerEntry {
  const keys = Object.keys(before).filter((key) => Object.hasOwn(after, key)) as (keyof ServerEntry)[]
  return Object.fromEntries(keys.map((key) => [key, after[key]]))
}

/** The variables that an entry takes from outside. */
export function variablesOf(entry: ServerEntry): string[] {
  return [
    ...new Set(
      textsOf(entry).flatMap(({ text }) =>
        [...text.matchAll(/(?:^|[^$])\$\{([A-Za-z_]\w*)\}/g)].map(([, name]) => name as string),
      ),
    ),
  ]
}
