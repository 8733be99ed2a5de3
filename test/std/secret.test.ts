/** Secrets do not print. */
import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Redactor, reveal, Secret, text } from '../../src/std/secret.ts'

test('a secret shows where it came from, in every way of printing it', () => {
  const secret = new Secret('sekret-123', '${TOKEN}')
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true }),
    format('%s %o', secret, secret),
  ]
  for (const line of shown) {
    expect(line).toContain('${TOKEN}')
    expect(line).not.toContain('sekret')
  }
  expect(reveal(secret)).toBe('sekret-123')
  expect(reveal('plain')).toBe('plain')
})

test('a text is a string or a secret', () => {
  expect(text.safeParse('a').success).toBe(true)
  expect(text.safeParse(new Secret('a', 'b')).success).toBe(true)
  for (const other of [1, null, {}, ['a']]) expect(text.safeParse(other).success).toBe(false)
})

test('a redactor replaces the longest secret first, and leaves short values alone', () => {
  const redactor = new Redactor()
  redactor.add('sekret', '${A}')
  redactor.add('sekret-123', '${B}')
  redactor.add('8080', '${PORT}')
  expect(redactor.scrub('x sekret-123 sekret sekret 8080')).toBe('x ${B} ${A} ${A} 8080')
})
