/** Turns the `${…}` of each client into ours; what a client takes literally stays literal. */
import { type Machine, pathOf } from '../machine.ts'
import type { Meaning, VariableForm } from './forms.ts'

/** A value that an entry needs and no file says. */
export interface Need {
  /** The variable by which the translated text names it. */
  variable: string
  /**
   * `environment`: it is set here and now, but perhaps not where the gateway is started. `unset`: it is not set. `client`: the
   * client asked for it once and keeps it where nobody else can read it.
   */
  from: 'environment' | 'unset' | 'client'
  /** What the client asks for, in its words. */
  description?: string
  /** The client's own name for it. */
  input?: string
}

export interface Translated {
  /** The text in the words of our config. */
  text: string
  needs: Need[]
  /** Forms that nobody but the client can fill in; they stand in the text as they were. */
  unknown: string[]
}

export interface Surroundings {
  machine: Machine
  /** The folder of the project, for entries that belong to one. */
  project: string | undefined
  /** The folder of the file that the text stands in. */
  folder: string
}

const NAME = /^[A-Za-z_]\w*$/

/** A text as the client means it, in the words of our config. */
export function translate(source: string, forms: readonly VariableForm[], around: Surroundings): Translated {
  const here = forms.filter(({ windows }) => !windows || around.machine.system === 'win32')
  const out: Translated = { text: '', needs: [], unknown: [] }
  let i = 0
  for (const found of matches(source, here)) {
    append(out, literal(source.slice(i, found.at)))
    fill(out, found, around)
    i = found.at + found.text.length
  }
  append(out, literal(source.slice(i)))
  return out
}

interface Found {
  at: number
  text: string
  meaning: Meaning | undefined
}

/** The forms in a text from left to right, none inside another. */
function matches(source: string, forms: readonly VariableForm[]): Found[] {
  const all = forms.flatMap((form) =>
    [...source.matchAll(new RegExp(form.pattern, 'g'))].map((match) => ({
      at: match.index,
      text: match[0],
      meaning: form.read(match),
    })),
  )
  all.sort((a, b) => a.at - b.at || b.text.length - a.text.length)
  let end = 0
  return all.filter(({ at, text }) => {
    if (at < end) return false
    end = at + text.length
    return true
  })
}

function fill(out: Translated, { text, meaning }: Found, around: Surroundings): void {
  const value = meaning && ours(meaning, out, around)
  if (value !== undefined) return append(out, value)
  out.unknown.push(text)
  append(out, literal(text))
}

/** One form in our words; undefined where there is none for it. */
function ours(meaning: Meaning, out: Translated, { machine, project, folder }: Surroundings): string | undefined {
  if ('variable' in meaning) return reference(meaning, out, machine)
  if ('input' in meaning) {
    const variable = variableName(meaning.input)
    out.needs.push({ variable, from: 'client', input: meaning.input })
    return `\${${variable}}`
  }
  if ('file' in meaning) {
    const file = meaning.file.startsWith('~') ? meaning.file : pathOf(machine).resolve(folder, meaning.file)
    return /[{}]/.test(file) ? undefined : `\${file:${file}}`
  }
  switch (meaning.place) {
    case 'home':
      return literal(machine.home)
    case 'separator':
      return pathOf(machine).sep
    case 'project':
      return project && literal(project)
    case 'project name':
      return project && literal(pathOf(machine).basename(project))
  }
}

type Variable = { variable: string; fallback?: string; optional?: true }

function reference({ variable, fallback, optional }: Variable, out: Translated, machine: Machine): string | undefined {
  if (!NAME.test(variable)) return undefined
  // Not every system has it under this name.
  if (variable === 'HOME') return literal(machine.home)
  if (fallback !== undefined) return `\${${variable}:-${fallback}}`
  const set = Boolean(machine.env[variable])
  out.needs.push({ variable, from: set ? 'environment' : 'unset' })
  // Such a client starts the server without it; we would refuse the whole config.
  return optional && !set ? `\${${variable}:-}` : `\${${variable}}`
}

/** A text in which nothing is meant as a variable, in the words of our config. */
export function literal(text: string): string {
  // A function, because `$$` means something else in a replacement.
  return text.replaceAll('${', () => '$${')
}

/** What a text of our config means that has no variables: the opposite of `literal`. */
export function plain(text: string): string {
  return text.replaceAll('$${', () => '${')
}

/** The name of an environment variable for something that people call otherwise: `github-token` → `GITHUB_TOKEN`. */
export function variableName(text: string): string {
  const name = text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  return /^[A-Z]/.test(name) ? name : `VALUE_${name}`.replace(/_$/, '')
}

/** Whether a text in the words of our config takes something from outside. */
export function hasVariable(text: string): boolean {
  return /(?:^|[^$])\$\{/.test(text)
}

/** Whether it takes this very variable. */
export function usesVariable(text: string, name: string): boolean {
  return text.includes(`\${${name}}`) || text.includes(`\${${name}:-`)
}

function append(out: Translated, text: string): void {
  // `$` before `${` would make it literal, and our config has no other way to write the pair.
  if (out.text.endsWith('$') && text.startsWith('${')) out.unknown.push(`$${text}`)
  out.text += text
}
