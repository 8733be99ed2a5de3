import { describe, expect, it } from 'vitest'
import { type Receiver, resultLimit, resultsOptions } from '../../../src/gateway/results/options.ts'

const limit = (options: object, receiver: Partial<Receiver> = {}): number | undefined =>
  resultLimit(resultsOptions.parse(options), { client: 'some-client', surface: 'search', fit: {}, ...receiver })

describe('the limit of a result', () => {
  it('is there on the search surface, and on no other unless it is asked for', () => {
    expect(limit({})).toBe(25_000)
    expect(limit({}, { surface: 'direct' })).toBeUndefined()
    expect(limit({ limit: 5_000 }, { surface: 'direct' })).toBe(5_000)
    expect(limit({ limit: 'off' })).toBeUndefined()
  })

  it('is lower for a client that takes less, and none for one that keeps long results itself', () => {
    expect(limit({}, { fit: { resultTokensMax: 8_000 } })).toBe(8_000)
    expect(limit({}, { fit: { resultTokensMax: 90_000 } })).toBe(25_000)
    expect(limit({}, { fit: { resultTokensMax: 25_000, keepsLongResults: true } })).toBeUndefined()
    expect(limit({ limit: 5_000 }, { fit: { keepsLongResults: true } })).toBe(5_000)
  })

  it('is what the config says of a client, before what it says of all', () => {
    const options = { limit: 5_000, clients: { 'cur*': { limit: 'off' }, '*': { limit: 7_000 } } }
    expect(limit(options, { client: 'Cursor' })).toBeUndefined()
    expect(limit(options, { client: 'zed' })).toBe(7_000)
    expect(limit({ limit: 'off', clients: { zed: { limit: 'auto' } } }, { client: 'zed' })).toBe(25_000)
  })

  it('leaves room for a preview', () => {
    expect(resultsOptions.safeParse({ limit: 999 }).success).toBe(false)
  })
})
