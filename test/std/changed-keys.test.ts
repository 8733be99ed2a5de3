import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, changedKeys } from '../../src/std/changed-keys.ts'
import { Secret } from '../../src/std/secret.ts'

test('names every key that differs, as deep as there are keys', () => {
  const before = { log: { level: 'info' }, listen: { port: 1, host: 'a' }, args: ['x'], gone: true }
  const after = { log: { level: 'debug' }, listen: { port: 1, host: 'b' }, args: ['x', 'y'], come: { deep: 1 } }
  expect(changedKeys(before, after).sort()).toEqual(['args', 'come', 'gone', 'listen.host', 'log.level'])
})

test('a secret differs when what it holds does, and only its key is named', () => {
  const before = { env: { TOKEN: new Secret('old', '${TOKEN}'), SAME: new Secret('x', '${SAME}') } }
  const after = { env: { TOKEN: new Secret('new', '${TOKEN}'), SAME: 'x' } }
  expect(changedKeys(before, after)).toEqual(['env.TOKEN'])
})

test('a key that is undefined is a key that is not there', () => {
  expect(changedKeys({ a: undefined }, {})).toEqual([])
  expect(canonical({ a: undefined, b: 1 })).toBe(canonical({ b: 1 }))
})

test('nothing differs from itself, in whatever order its keys stand', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (map) => {
      const turned = Object.fromEntries(Object.entries(map).reverse())
      expect(changedKeys(map, turned)).toEqual([])
      expect(canonical(map)).toBe(canonical(turned))
    }),
  )
})

test('two values differ somewhere exactly when their canonical texts do', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), (a, b) => {
      expect(changedKeys(a, b).length === 0).toBe(canonical(a) === canonical(b))
    }),
  )
})
