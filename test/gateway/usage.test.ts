import { describe, expect, it } from 'vitest'
import { Usage, type UsageRecord } from '../../src/gateway/usage.ts'

const DAY = 24 * 3_600_000

describe('the ledger of use', () => {
  it('counts calls and bytes by tool', () => {
    const usage = new Usage(undefined, () => 1000)
    usage.called('a__x', 100)
    usage.called('a__x', 50)
    expect(usage.record.tools.a__x).toMatchObject({ calls: 2, bytes: 150, last: 1000 })
  })

  it('puts what is used now before what was used much long ago, and leaves out what is used now and then', () => {
    let now = 0
    const usage = new Usage(undefined, () => now)
    for (let i = 0; i < 8; i++) usage.called('old', 1)
    now = 21 * DAY
    for (let i = 0; i < 4; i++) usage.called('new', 1)
    usage.called('once', 1)
    expect(usage.favourites(10)).toEqual(['new'])
    for (let i = 0; i < 3; i++) usage.called('old', 1)
    expect(usage.favourites(10)).toEqual(['new', 'old'])
    expect(usage.favourites(1)).toEqual(['new'])
  })

  it('goes on from what an earlier run has written', async () => {
    let stored: UsageRecord | undefined
    const store = {
      read: async () => stored,
      write: async (record: UsageRecord) => {
        stored = structuredClone(record)
      },
    }
    const first = new Usage(store)
    first.called('a__x', 10)
    await first.close()
    const second = new Usage(store)
    await second.recall()
    second.called('a__x', 10)
    expect(second.record.tools.a__x?.calls).toBe(2)
  })

  it('takes a tool by the name of a property of every object for a tool', () => {
    const usage = new Usage()
    usage.called('constructor', 1)
    expect(Object.entries(usage.record.tools)).toMatchObject([['constructor', { calls: 1 }]])
    expect(usage.weight('toString')).toBe(0)
  })
})
