import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EditError } from '../../src/std/edit-error.ts'
import type { EditSystem } from '../../src/std/edit-system.ts'
import { aSecondLater } from '../support/edit-faults.ts'
import { EditPlace } from '../support/edit-place.ts'

let place: EditPlace
beforeEach(() => {
  place = new EditPlace()
})
afterEach(() => place.remove())

describe('another program that writes the file', () => {
  test('before us is not overwritten: the edit is made anew on what it wrote', async () => {
    writeFileSync(place.file, 'old\n')
    let times = 0
    const edited = await place.edit({ prepared: () => void (times++ === 0 && writeFileSync(place.file, 'theirs\n')) })
    expect([place.read(), times, place.kept()]).toEqual(['theirs\nnew\n', 2, ['theirs\n']])
    expect(edited.before?.size).toBe(7)
  })

  test('again and again makes us give up, with its text untouched and nothing of ours left', async () => {
    writeFileSync(place.file, 'old\n')
    let times = 0
    const busy = place.edit({ prepared: () => writeFileSync(place.file, `theirs ${++times}\n`) })
    await expect(busy).rejects.toThrow('~/.client.json changed while we were working. Nothing written. Re-run.')
    await expect(busy).rejects.toBeInstanceOf(EditError)
    expect([place.read(), times, place.kept(), place.leftovers()]).toEqual(['theirs 3\n', 3, [], []])
  })

  test('and has emptied it for a moment is waited for', async () => {
    writeFileSync(place.file, '')
    let passed = 0
    const wait = async (ms: number): Promise<void> => {
      passed += ms
      if (passed === ms) writeFileSync(place.file, 'whole\n')
    }
    await place.edit({}, { ...place.system, now: () => Date.now() + passed, wait })
    expect([place.read(), place.kept()]).toEqual(['whole\nnew\n', ['whole\n']])
  })

  test('right after us, without our change, gets it once more', async () => {
    writeFileSync(place.file, 'old\n')
    let reads = 0
    const overwrite: EditSystem = {
      ...place.system,
      files: {
        ...place.system.files,
        rename: async (from, to) => {
          await place.system.files.rename(from, to)
          if (to === place.file && reads++ === 0) writeFileSync(place.file, 'theirs\n')
        },
      },
    }
    await place.edit({}, overwrite)
    expect(place.read()).toBe('theirs\nnew\n')
  })

  test('right after us, with our change kept, is left alone', async () => {
    writeFileSync(place.file, 'old\n')
    const merge: EditSystem = {
      ...place.system,
      files: {
        ...place.system.files,
        rename: async (from, to) => {
          await place.system.files.rename(from, to)
          if (to === place.file) writeFileSync(place.file, `${place.read()}theirs\n`)
        },
      },
    }
    const edited = await place.edit({ edit: (text = '') => (text.includes('new') ? text : `${text}new\n`) }, merge)
    expect(place.read()).toBe('old\nnew\ntheirs\n')
    expect([edited.changed, edited.after?.size]).toEqual([true, 8])
  })
})

describe('locks', () => {
  /** A system whose clock runs only while somebody waits. */
  const impatient = (): EditSystem => {
    let now = Date.now()
    const wait = async (ms: number): Promise<void> => {
      now += ms
    }
    return { ...place.system, now: () => now, wait }
  }

  test('of the owner are taken while the file changes, beside the link and beside the file', async () => {
    mkdirSync(join(place.home, 'dotfiles'))
    writeFileSync(join(place.home, 'dotfiles', 'real.json'), 'old\n')
    symlinkSync(join('dotfiles', 'real.json'), place.file)
    let seen: boolean[] = []
    const look = () => {
      seen = [`${place.file}.lock`, join(place.home, 'dotfiles', 'real.json.lock')].map((lock) => existsSync(lock))
    }
    await place.edit({ locks: [place.file], prepared: look })
    expect([seen, place.leftovers()]).toEqual([[true, true], []])
  })

  test('that somebody else holds for ten seconds end the edit with what to do', async () => {
    writeFileSync(place.file, 'old\n')
    mkdirSync(`${place.file}.lock`)
    const busy = place.edit({ locks: [place.file], owner: 'Claude Code' }, impatient())
    await expect(busy).rejects.toThrow(
      'Claude Code is writing ~/.client.json right now (lock held 10 s). Close running sessions or try again.',
    )
    await expect(busy).rejects.toMatchObject({ code: 'busy' })
    expect([place.read(), existsSync(`${place.file}.lock`)]).toEqual(['old\n', true])
  })

  test('left by a program that is gone are taken over', async () => {
    writeFileSync(place.file, 'old\n')
    mkdirSync(`${place.file}.lock`)
    const longAgo = new Date(Date.now() - 11_000)
    utimesSync(`${place.file}.lock`, longAgo, longAgo)
    await place.edit({ locks: [place.file] })
    expect([place.read(), place.leftovers()]).toEqual(['old\nnew\n', []])
  })

  test('of a folder that is not there hold nobody up', async () => {
    place.file = join(place.home, 'a', 'c.json')
    await place.edit({ locks: [place.file] })
    expect(readdirSync(dirname(place.file))).toEqual([basename(place.file)])
  })

  test('that were taken from us mean that nothing is written', async () => {
    writeFileSync(place.file, 'old\n')
    const stolen: EditSystem = { ...place.system, lock: async () => ({ lost: () => true, release: async () => undefined }) }
    await expect(place.edit({}, stolen)).rejects.toThrow('Nothing written')
    expect([place.read(), place.leftovers()]).toEqual(['old\n', []])
  })

  test('make edits of one file wait for one another', async () => {
    writeFileSync(place.file, '')
    await Promise.all(Array.from({ length: 8 }, (_, i) => place.edit({ edit: (text = '') => `${text}${i}\n` })))
    expect(place.read().split('\n').sort().join('')).toBe('01234567')
  })
})

describe('Windows', () => {
  const windows = (
    rename: (tries: number) => boolean,
    more: Partial<EditSystem['files']> = {},
  ): EditSystem & { waits: number[] } => {
    const waits: number[] = []
    let tries = 0
    const busy: EditSystem['files']['rename'] = async (from, to) => {
      if (to === place.file && !rename(++tries)) throw Object.assign(new Error('EPERM'), { code: 'EPERM' })
      await place.system.files.rename(from, to)
    }
    return {
      ...aSecondLater(place.system),
      platform: 'win32',
      waits,
      wait: async (ms) => void waits.push(ms),
      files: { ...place.system.files, rename: busy, ...more },
    }
  }

  test('a file that a scanner looks at is replaced a moment later', async () => {
    writeFileSync(place.file, 'old\n')
    const scanned = windows((tries) => tries > 3)
    await place.edit({}, scanned)
    expect([place.read(), scanned.waits]).toEqual(['old\nnew\n', [50, 100, 150]])
  })

  test('a file that stays open elsewhere is written in place', async () => {
    writeFileSync(place.file, 'old\n')
    const { ino } = statSync(place.file)
    const open = windows(() => false)
    await place.edit({}, open)
    expect([place.read(), statSync(place.file).ino, open.waits.length, place.leftovers()]).toEqual(['old\nnew\n', ino, 9, []])
  })

  test('a write in place that fails is taken back', async () => {
    writeFileSync(place.file, 'old\n')
    let writes = 0
    const full = windows(() => false, {
      open: async (path, flags, mode) => {
        const handle = await place.system.files.open(path, flags, mode)
        if (flags !== 'r+' || writes++ > 0) return handle
        handle.writeFile = async () => {
          await handle.write('ne')
          throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
        }
        return handle
      },
    })
    await expect(place.edit({}, full)).rejects.toThrow('no space left')
    expect([place.read(), place.leftovers()]).toEqual(['old\n', []])
  })
})
