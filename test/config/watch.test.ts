import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/config/digest.ts'
import { FileWatch, foldersOf } from '../../src/config/watch.ts'
import { temporaryFolder } from '../support/gateway.ts'
import { until } from '../support/processes.ts'

/** Long enough that looking now and then cannot be what noticed a change. */
const NEVER_MS = 3_600_000
const QUICK = { quietMs: 30, burstMs: 200, pollMs: NEVER_MS }

let folder: ReturnType<typeof temporaryFolder>
let watch: FileWatch | undefined
let changes = 0

beforeEach(() => {
  folder = temporaryFolder()
  changes = 0
})
afterEach(() => {
  watch?.close()
  folder.remove()
})

const at = (...names: string[]): string => join(folder.path, ...names)

/** Watches a path that holds `content`; resolves once the system has begun to report. */
async function watching(path: string, content: string | undefined, timing = QUICK): Promise<void> {
  watch = new FileWatch(path, content === undefined ? undefined : digestOf(content), () => changes++, timing)
  await sleep(60)
  expect(changes).toBe(0)
}

const changed = (count: number): Promise<true> =>
  until(() => (changes === count ? true : undefined), `${count} changes`, { ms: 3_000 })

/** Changes nothing, or nothing any more: however long we wait. */
async function stays(count: number): Promise<void> {
  await sleep(300)
  expect(changes).toBe(count)
}

describe('a change is noticed that comes by', () => {
  test('writing into the file', async () => {
    writeFileSync(at('c.yaml'), 'one')
    await watching(at('c.yaml'), 'one')
    writeFileSync(at('c.yaml'), 'two')
    await changed(1)
    appendFileSync(at('c.yaml'), '!')
    await changed(2)
  })

  test('another file that takes its name, as many editors save, again and again', async () => {
    writeFileSync(at('c.yaml'), 'one')
    await watching(at('c.yaml'), 'one')
    for (const [index, content] of ['two', 'three', 'four'].entries()) {
      writeFileSync(at('.c.yaml.swp'), content)
      renameSync(at('.c.yaml.swp'), at('c.yaml'))
      await changed(index + 1)
    }
  })

  test('moving the file away and writing a new one', async () => {
    writeFileSync(at('c.yaml'), 'one')
    await watching(at('c.yaml'), 'one')
    renameSync(at('c.yaml'), at('c.yaml~'))
    await changed(1)
    writeFileSync(at('c.yaml'), 'two')
    await changed(2)
    await stays(2)
  })

  test('a link that now leads elsewhere', async () => {
    for (const name of ['one', 'two']) writeFileSync(at(name), name)
    symlinkSync(at('one'), at('c.yaml'))
    await watching(at('c.yaml'), 'one')
    symlinkSync('two', at('next'))
    renameSync(at('next'), at('c.yaml'))
    await changed(1)
    // Where it leads is watched from now on, too.
    writeFileSync(at('two'), 'three')
    await changed(2)
  })

  test('writing into a file in another folder that a link leads to', async () => {
    mkdirSync(at('dotfiles'))
    mkdirSync(at('home'))
    writeFileSync(at('dotfiles', 'c.yaml'), 'one')
    symlinkSync('../dotfiles/c.yaml', at('home', 'c.yaml'))
    await watching(at('home', 'c.yaml'), 'one')
    writeFileSync(at('dotfiles', 'c.yaml'), 'two')
    await changed(1)
  })

  test('a mounted folder that is swapped by a link inside it, as Kubernetes does', async () => {
    for (const name of ['one', 'two', 'three']) {
      mkdirSync(at(`..${name}`))
      writeFileSync(at(`..${name}`, 'c.yaml'), name)
    }
    symlinkSync('..one', at('..data'))
    symlinkSync(join('..data', 'c.yaml'), at('c.yaml'))
    await watching(at('c.yaml'), 'one')
    for (const [index, name] of ['two', 'three'].entries()) {
      symlinkSync(`..${name}`, at('..data_tmp'))
      renameSync(at('..data_tmp'), at('..data'))
      rmSync(at(`..${index === 0 ? 'one' : 'two'}`), { recursive: true })
      await changed(index + 1)
    }
  })

  test('a whole folder that is swapped by a link to it', async () => {
    for (const name of ['one', 'two']) {
      mkdirSync(at(name))
      writeFileSync(at(name, 'c.yaml'), name)
    }
    symlinkSync('one', at('current'))
    await watching(at('current', 'c.yaml'), 'one')
    symlinkSync('two', at('next'))
    renameSync(at('next'), at('current'))
    await changed(1)
  })

  test('a file that comes to be', async () => {
    await watching(at('c.yaml'), undefined)
    writeFileSync(at('c.yaml'), 'one')
    await changed(1)
  })

  test('whatever the system does not report, by looking now and then', async () => {
    // The folder does not exist yet, so there is nothing that could be watched.
    await watching(at('later', 'c.yaml'), undefined, { ...QUICK, pollMs: 50 })
    mkdirSync(at('later'))
    writeFileSync(at('later', 'c.yaml'), 'one')
    await changed(1)
  })

  test('writing between reading the file and watching it', async () => {
    writeFileSync(at('c.yaml'), 'two')
    watch = new FileWatch(at('c.yaml'), digestOf('one'), () => changes++, QUICK)
    await changed(1)
  })
})

describe('no news is', () => {
  beforeEach(async () => {
    writeFileSync(at('c.yaml'), 'one')
    await watching(at('c.yaml'), 'one')
  })

  test('the same content again, under whatever time', async () => {
    writeFileSync(at('c.yaml'), 'one')
    utimesSync(at('c.yaml'), 1, 1)
    await stays(0)
  })

  test('what happens to other files of the folder', async () => {
    for (let i = 0; i < 20; i++) writeFileSync(at(`other-${i}`), 'x')
    await stays(0)
  })
})

test('a file that stays empty, or away, is news once', async () => {
  writeFileSync(at('c.yaml'), 'one')
  await watching(at('c.yaml'), 'one')
  writeFileSync(at('c.yaml'), '')
  await changed(1)
  rmSync(at('c.yaml'))
  await changed(2)
  await stays(2)
})

test('many changes in a burst are one, and a folder that never rests cannot hold it back', async () => {
  writeFileSync(at('c.yaml'), 'one')
  await watching(at('c.yaml'), 'one')
  for (let i = 0; i < 200; i++) writeFileSync(at('c.yaml'), `content ${i}`)
  const noise = setInterval(() => writeFileSync(at('noise'), String(Math.random())), 5)
  await changed(1).finally(() => clearInterval(noise))
  await stays(1)
})

test('nothing is told after the end', async () => {
  writeFileSync(at('c.yaml'), 'one')
  await watching(at('c.yaml'), 'one')
  writeFileSync(at('c.yaml'), 'two')
  watch?.close()
  await stays(0)
})

test('links that lead in circles are no trap', () => {
  symlinkSync('b', at('a'))
  symlinkSync('a', at('b'))
  expect(foldersOf(at('a'))).toContain(folder.path)
})
