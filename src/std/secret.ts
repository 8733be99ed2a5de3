/** Values that no log, error or API may print: they show where they came from, never what they hold. */
import { inspect } from 'node:util'
import * as z from 'zod'

/** A text that was interpolated. Every way of printing it gives `origin` (for example `${GITHUB_TOKEN}`). */
export class Secret {
  readonly origin: string
  readonly #value: string

  constructor(value: string, origin: string) {
    this.#value = value
    this.origin = origin
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return this.origin
  }

  toJSON(): string {
    return this.origin
  }

  [inspect.custom](): string {
    return this.origin
  }
}

/** A config value that may hold a secret. */
export type Text = string | Secret

export function reveal(text: Text): string {
  return typeof text === 'string' ? text : text.reveal()
}

/** The zod type of a leaf that may hold a secret; the loader hands it a `Secret` where `${…}` stood. */
export const text = z.custom<Text>((value) => typeof value === 'string' || value instanceof Secret, 'expected a text')

/** Short values (a port, a user name) would blank out half of every log, so they are not scrubbed. */
const SCRUB_LENGTH_MIN = 6

/** Replaces every known secret value in a text that is about to leave the process. */
export class Redactor {
  #values: { value: string; origin: string }[] = []

  add(value: string, origin: string): void {
    if (value.length < SCRUB_LENGTH_MIN || this.#values.some((known) => known.value === value)) return
    this.#values.push({ value, origin })
    // Longest first, so that a secret which contains another is replaced whole.
    this.#values.sort((a, b) => b.value.length - a.value.length)
  }

  /** Hides what another one hides too; what was secret once stays hidden. */
  addAll(other: Redactor): void {
    for (const { value, origin } of other.#values) this.add(value, origin)
  }

  scrub(line: string): string {
    let out = line
    for (const { value, origin } of this.#values) if (out.includes(value)) out = out.replaceAll(value, origin)
    return out
  }
}
