/** Tokens are counted right, in good time, and estimated close to that. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { estimateTokens, loadTokenCounter } from '../../src/observe/tokens.ts'
import { recordedServers } from '../support/catalogues.ts'

const count = await loadTokenCounter()
const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const digest = (at: number, form: 'hex' | 'base64'): string => createHash('sha512').update(String(at)).digest(form)
const digests = (form: 'hex' | 'base64'): string => Array.from({ length: 50 }, (_, at) => digest(at, form)).join('\n')

test.each([
  ['', 0],
  ['hello world', 2],
  ['gateway_search_tools', 3],
])('%j has %i tokens', (text, tokens) => {
  expect(count(text)).toBe(tokens)
})

test('a text that spells a control token of the model is counted as a text', () => {
  expect(count('a <|endoftext|> b')).toBeGreaterThan(5)
})

test.each([
  ['letters', 'a'],
  ['spaces', ' '],
  ['signs', '='],
  ['ideographs', '汉字'],
])('a run of 200,000 %s is counted without delay', (_what, part) => {
  expect(count(part.repeat(200_000))).toBeGreaterThan(1_000)
})

test('long runs of letters count as much as in short pieces', () => {
  expect(count('ab'.repeat(400)) / count('ab'.repeat(200))).toBeCloseTo(2, 1)
})

test.each([
  [
    'definitions of tools',
    recordedServers()
      .map((server) => JSON.stringify(server.tools))
      .join('\n'),
  ],
  ['prose', file('README.md')],
  ['code', file('src/gateway/engine.ts') + file('src/upstream/instance.ts')],
  ['data', file('package-lock.json')],
  ['hexadecimal', digests('hex')],
  ['base64', digests('base64')],
  ['numbers', JSON.stringify(Array.from({ length: 500 }, (_, at) => (at * 7919) % 100_003))],
])('an estimate for %s is off by an eighth at most', (_what, text) => {
  expect(estimateTokens(text) / count(text)).toBeGreaterThan(0.875)
  expect(estimateTokens(text) / count(text)).toBeLessThan(1.125)
})

test.each([
  ['Chinese', '请读取文件的内容并且总结一下这个项目的结构，然后告诉我结果。'],
  ['Russian', 'Прочитай содержимое файла и расскажи, что в нём написано.'],
])('an estimate for %s is not off by half', (_what, text) => {
  expect(estimateTokens(text) / count(text)).toBeGreaterThan(0.5)
  expect(estimateTokens(text) / count(text)).toBeLessThan(1.6)
})
