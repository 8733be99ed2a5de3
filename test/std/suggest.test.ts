/** Which word somebody meant. */
import { expect, test } from 'vitest'
import { suggest } from '../../src/std/suggest.ts'

const KEYS = ['command', 'args', 'env', 'cwd', 'url', 'headers', 'timeout', 'start_timeout', 'tools', 'disabled']

test.each([
  ['timout', 'timeout'],
  ['tiemout', 'timeout'],
  ['timeouts', 'timeout'],
  ['TIMEOUT', 'timeout'],
  ['startTimeout', 'start_timeout'],
  ['start-timeout', 'start_timeout'],
  ['comand', 'command'],
  ['commnad', 'command'],
  ['header', 'headers'],
  ['arg', 'args'],
  ['evn', 'env'],
  ['disable', 'disabled'],
])('%s is most likely %s', (word, known) => {
  expect(suggest(word, KEYS)).toBe(known)
})

test.each(['', 'x', 'ab', 'transport', 'zzz', 'c'.repeat(200)])('%j is like none of them', (word) => {
  expect(suggest(word, KEYS)).toBeUndefined()
})

test('the nearest of several wins, and the first of equals', () => {
  expect(suggest('stdi', ['sse', 'stdio', 'std'])).toBe('stdio')
  expect(suggest('modes', ['models', 'mode'])).toBe('models')
  expect(suggest('port', [])).toBeUndefined()
})
