import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Contents, type Kept, ResultStore, writePieces } from '../../../src/gateway/results/store.ts'
import { temporaryFolder } from '../../support/gateway.ts'
import { quietLog } from '../../support/quiet-log.ts'

let now = 1_000

function store(limits = { quota: 1_000, keep: 500 }): { store: ResultStore; folder: string } {
  const folder = join(temporaryFolder().path, 'results')
  return { store: new ResultStore({ folder, log: quietLog(), limits, now: () => now }), folder }
}

function contents(bytes: number, gone = (): boolean => false): Contents {
  return {
    estimate: bytes,
    gone,
    async write(folder) {
      const file = join(folder, 'result.json')
      const size = await writePieces(file, [Buffer.alloc(bytes, 'x')])
      return { whole: { file, start: 0, bytes }, parts: [], size }
    },
  }
}

async function kept(one: ResultStore, owner: string, bytes = 100): Promise<Kept> {
  return (await one.keep(owner, contents(bytes))) as Kept
}

describe('a store of results', () => {
  it('gives a result to its owner, and to nobody else', async () => {
    const { store: one } = store()
    const { handle, whole } = await kept(one, 'ann')
    expect(handle).toMatch(/^[0-9a-f]{32}$/)
    expect(one.get('ann', handle)?.whole).toEqual(whole)
    expect(one.get('bob', handle)).toBeUndefined()
    expect(readFileSync(whole.file)).toHaveLength(100)
  })

  it('writes files that only their owner can read', async () => {
    const { store: one, folder } = store()
    const { whole } = await kept(one, 'ann')
    const [own = ''] = readdirSync(folder)
    expect(statSync(whole.file).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, own)).mode & 0o777).toBe(0o700)
  })

  it('makes room for a new one by dropping what was not used for longest', async () => {
    const { store: one } = store()
    const [a, b, c] = [await kept(one, 'ann', 400), await kept(one, 'bob', 400), await kept(one, 'cid', 100)]
    one.get('ann', a.handle)
    const d = await kept(one, 'dot', 300)
    expect(one.get('bob', b.handle)).toBeUndefined()
    for (const [owner, { handle }] of [
      ['ann', a],
      ['cid', c],
      ['dot', d],
    ] as const)
      expect(one.get(owner, handle)).toBeDefined()
    await expect.poll(() => existsSync(b.whole.file)).toBe(false)
  })

  it('keeps nothing that is larger than all its room, and drops nothing for it', async () => {
    const { store: one } = store()
    const a = await kept(one, 'ann')
    expect(await one.keep('bob', contents(1_001))).toBeUndefined()
    expect(one.get('ann', a.handle)).toBeDefined()
  })

  it('counts what is being written, so that two at once do not take more than there is', async () => {
    const { store: one } = store()
    const both = await Promise.all([one.keep('ann', contents(600)), one.keep('bob', contents(600))])
    expect(both.filter((result) => result !== undefined)).toHaveLength(1)
  })

  it('forgets what was not used for so long', async () => {
    const { store: one } = store()
    const [a, b] = [await kept(one, 'ann'), await kept(one, 'bob')]
    now += 400
    one.get('ann', a.handle)
    now += 200
    one.sweep()
    expect(one.get('ann', a.handle)).toBeDefined()
    expect(one.get('bob', b.handle)).toBeUndefined()
    await expect.poll(() => existsSync(b.whole.file)).toBe(false)
  })

  it('forgets all of an owner that is gone, also what is being written for it', async () => {
    const { store: one, folder } = store()
    const a = await kept(one, 'ann')
    let gone = false
    const late = one.keep(
      'ann',
      contents(100, () => gone),
    )
    gone = true
    one.release('ann')
    expect(await late).toBeUndefined()
    expect(one.get('ann', a.handle)).toBeUndefined()
    expect(one.holds('ann')).toBe(false)
    const [own = ''] = readdirSync(folder)
    await expect.poll(() => readdirSync(join(folder, own))).toEqual([])
  })

  it('keeps nothing, and says no more than that, where the disk refuses', async () => {
    const { store: one, folder } = store()
    writeFileSync(folder, 'a file where the folder would be')
    expect(await one.keep('ann', contents(100))).toBeUndefined()
    // What it had reserved is free again.
    expect(await one.keep('ann', contents(1_000))).toBeUndefined()
  })

  it('takes its folder away when it closes', async () => {
    const { store: one, folder } = store()
    await kept(one, 'ann')
    await one.close()
    expect(readdirSync(folder)).toEqual([])
  })

  it('removes what dead gateways left behind, and nothing of those that live', async () => {
    const { store: one, folder } = store()
    const living = await kept(one, 'ann')
    const dead = [
      `${process.pid}-${Buffer.from('another start').toString('hex')}-00000000`,
      `99999999-${'00'.repeat(4)}-00000000`,
    ]
    for (const name of [...dead, 'of-somebody-else']) mkdirSync(join(folder, name, 'handle'), { recursive: true })
    await store().store.purge()
    await new ResultStore({ folder, log: quietLog(), limits: one.limits }).purge()
    expect(readdirSync(folder).filter((name) => dead.includes(name))).toEqual([])
    expect(readdirSync(folder)).toContain('of-somebody-else')
    expect(existsSync(living.whole.file)).toBe(true)
  })
})
