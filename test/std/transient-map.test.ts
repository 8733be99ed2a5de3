/** What has left the map is garbage at once, however long the map has been in use. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { TransientMap } from '../../src/std/transient-map.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as (options: { type: 'minor' }) => void

const COUNT = 4_000
const VALUE_BYTES = 8_000

it('keeps nothing alive that has been taken out, without a full collection', () => {
  const map = new TransientMap<number, number[]>()
  gc({ type: 'minor' })
  const before = getHeapStatistics().used_heap_size
  for (let n = 0; n < COUNT; n++) {
    map.set(n, new Array(VALUE_BYTES / 8).fill(n))
    map.delete(n - 64)
    if (n % 100 === 0) gc({ type: 'minor' })
  }
  gc({ type: 'minor' })
  expect(getHeapStatistics().used_heap_size - before).toBeLessThan((COUNT * VALUE_BYTES) / 8)
})

it('holds what was put in, under its last value, oldest first', () => {
  const map = new TransientMap<string, number>()
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  expect([map.size, map.get('a'), map.has('c'), [...map.keys()], [...map.values()]]).toEqual([2, 3, false, ['b', 'a'], [2, 3]])
  expect([map.delete('a'), map.delete('a'), map.size]).toEqual([3, undefined, 1])
})
