import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EditPlace } from '../support/edit-place.ts'

let place: EditPlace
beforeEach(() => {
  place = new EditPlace()
})
afterEach(() => place.remove())

describe('a file that is there', () => {
  test('gets the new text, keeps its mode, and what it was is kept', async () => {
    writeFileSync(place.file, 'old\n', { mode: 0o640 })
    chmodSync(place.file, 0o640)
    const edited = await place.edit()
    expect([place.read(), place.mode(place.file)]).toEqual(['old\nnew\n', 0o640])
    expect(edited).toMatchObject({
      path: place.file,
      changed: true,
      createdFile: false,
      createdFolders: [],
      before: { size: 4 },
      after: { size: 8 },
    })
    expect(readFileSync(edited.backup ?? '', 'utf8')).toBe('old\n')
    expect(place.leftovers()).toEqual([])
  })

  test('keeps its byte order mark and its line ends', async () => {
    writeFileSync(place.file, '\uFEFFa\r\nb')
    await place.edit({ edit: (text) => text?.replace('b', 'c') })
    expect(place.read()).toBe('\uFEFFa\r\nc')
  })

  test('nothing is written where nothing changes', async () => {
    writeFileSync(place.file, 'old\n')
    const before = lstatSync(place.file)
    const edited = await place.edit({ edit: (text) => text })
    expect(edited).toMatchObject({ changed: false, createdFile: false })
    expect([lstatSync(place.file).ino, lstatSync(place.file).mtimeMs]).toEqual([before.ino, before.mtimeMs])
    expect(existsSync(place.backups)).toBe(false)
  })

  test('keeps its owner and its group', async (context) => {
    if (process.getuid?.() !== 0) return context.skip()
    writeFileSync(place.file, 'old\n')
    const { chownSync } = await import('node:fs')
    chownSync(place.file, 12_345, 23_456)
    await place.edit()
    expect([statSync(place.file).uid, statSync(place.file).gid, place.read()]).toEqual([12_345, 23_456, 'old\nnew\n'])
  })

  test('is untouched where the edit refuses', async () => {
    writeFileSync(place.file, 'old\n')
    const refuse = () => {
      throw new Error('no')
    }
    await expect(place.edit({ edit: refuse })).rejects.toThrow('no')
    expect([place.read(), existsSync(place.backups)]).toEqual(['old\n', false])
  })

  test('can get another mode with the same text', async () => {
    writeFileSync(place.file, 'old\n')
    chmodSync(place.file, 0o644)
    const edited = await place.edit({ edit: (text) => text, modeOf: ({ mode }) => mode & 0o700 })
    expect([edited.changed, place.mode(place.file), place.read()]).toEqual([true, 0o600, 'old\n'])
  })

  test('goes where the edit leaves no text, and its bytes are kept', async () => {
    writeFileSync(place.file, 'old\n')
    const edited = await place.edit({ edit: () => undefined })
    expect(existsSync(place.file)).toBe(false)
    expect(edited).not.toHaveProperty('after')
    expect(place.kept()).toEqual(['old\n'])
  })
})

describe('a file that is not there', () => {
  test('is made with its folders, for its owner only, and without a backup', async () => {
    place.file = join(place.home, 'a', 'b', 'c.json')
    const edited = await place.edit({ edit: (text) => (text === undefined ? '{}\n' : 'wrong') })
    expect([place.read(), place.mode(place.file), place.mode(dirname(place.file))]).toEqual(['{}\n', 0o600, 0o700])
    expect(edited).toMatchObject({ createdFile: true, createdFolders: [join(place.home, 'a'), join(place.home, 'a', 'b')] })
    expect([edited.before, edited.backup, place.kept()]).toEqual([undefined, undefined, []])
  })

  test('is not made where the edit wants none, and neither are its folders', async () => {
    place.file = join(place.home, 'a', 'c.json')
    expect(await place.edit({ edit: () => undefined })).toMatchObject({ changed: false, createdFile: false })
    expect(readdirSync(place.home)).toEqual([])
  })

  test('that appears while we work is read and not overwritten', async () => {
    const texts: (string | undefined)[] = []
    const appear = () => {
      if (texts.length === 2) writeFileSync(place.file, 'theirs\n')
    }
    const seen = (text: string | undefined) => {
      texts.push(text)
      return `${text ?? ''}new\n`
    }
    const edited = await place.edit({ edit: seen, prepared: appear })
    expect(place.read()).toBe('theirs\nnew\n')
    expect(texts).toEqual([undefined, undefined, 'theirs\n'])
    expect(edited.createdFile).toBe(false)
  })
})

describe('links', () => {
  test('are followed and stay, also one behind another', async () => {
    mkdirSync(join(place.home, 'dotfiles'))
    const real = join(place.home, 'dotfiles', 'client.json')
    writeFileSync(real, 'old\n')
    symlinkSync('client.json', join(place.home, 'dotfiles', 'current'))
    symlinkSync(join('dotfiles', 'current'), place.file)
    const edited = await place.edit()
    expect([readlinkSync(place.file), place.read(real), edited.realPath]).toEqual([
      join('dotfiles', 'current'),
      'old\nnew\n',
      real,
    ])
  })

  test.each([
    ['the file', () => symlinkSync('gone', place.file), '~/.client.json is a link to a file that is not there'],
    ['its folder', () => symlinkSync('gone', join(place.home, 'folder')), '~/folder is a link to a file that is not there'],
    ['a link to itself', () => symlinkSync(place.file, place.file), '~/.client.json is a link that leads to itself'],
  ])('that lead nowhere are refused: %s', async (kind, make, message) => {
    if (kind === 'its folder') place.file = join(place.home, 'folder', 'client.json')
    make()
    await expect(place.edit()).rejects.toThrow(message)
    expect(existsSync(join(place.home, 'gone'))).toBe(false)
  })
})

describe('what is no file to edit', () => {
  test.each([
    ['a folder', () => mkdirSync(place.file), 'is a folder'],
    ['text that is not UTF-8', () => writeFileSync(place.file, Buffer.from([0xff, 0xfe, 0x61, 0])), 'is not UTF-8 text'],
    ['a file of more than 64 MB', () => writeFileSync(place.file, Buffer.alloc(64 * 1024 * 1024 + 1)), 'larger than 64 MB'],
    ['a file where a folder should be', () => writeFileSync(join(place.home, 'x'), ''), 'a part of its path is a file'],
  ])('is refused: %s', async (kind, make, message) => {
    if (kind.startsWith('a file where')) place.file = join(place.home, 'x', 'y')
    make()
    await expect(place.edit()).rejects.toThrow(message)
  })

  test('is refused: a pipe, without waiting for somebody to write into it', async (context) => {
    if (process.platform === 'win32') return context.skip()
    const { execFileSync } = await import('node:child_process')
    execFileSync('mkfifo', [place.file])
    await expect(place.edit()).rejects.toThrow('is not a regular file')
  })

  test('is refused: a file that was closed on purpose', async () => {
    writeFileSync(place.file, 'old\n')
    chmodSync(place.file, 0o444)
    await expect(place.edit()).rejects.toThrow('~/.client.json is read-only. Run: chmod u+w')
    expect(place.read()).toBe('old\n')
  })
})

describe('what turns out wrong', () => {
  const wrong = () => {
    throw new Error('wrong')
  }

  test('is put back as it was', async () => {
    writeFileSync(place.file, 'old\n', { mode: 0o640 })
    const before = place.mode(place.file)
    await expect(place.edit({ verify: wrong })).rejects.toThrow('wrong')
    expect([place.read(), place.mode(place.file), place.leftovers()]).toEqual(['old\n', before, []])
  })

  test('is removed with its folders where there was nothing', async () => {
    place.file = join(place.home, 'a', 'b', 'c.json')
    await expect(place.edit({ verify: wrong })).rejects.toThrow('wrong')
    expect(readdirSync(place.home)).toEqual([])
  })

  test('changes nothing where the journal cannot be written', async () => {
    place.file = join(place.home, 'a', 'c.json')
    await expect(place.edit({ prepared: wrong })).rejects.toThrow('wrong')
    expect(readdirSync(place.home)).toEqual([])
  })
})

describe('backups', () => {
  test('are the first and the five newest, for their owner only', async () => {
    writeFileSync(place.file, '0\n')
    for (let i = 1; i <= 9; i++) await place.edit({ edit: () => `${i}\n` })
    expect(place.kept()).toEqual(['0\n', '4\n', '5\n', '6\n', '7\n', '8\n'])
    const [own = ''] = readdirSync(place.backups)
    const names = readdirSync(join(place.backups, own))
    expect(names.map((name) => place.mode(join(place.backups, own, name)))).toEqual(names.map(() => 0o600))
    expect([place.mode(place.backups), place.mode(join(place.backups, own))]).toEqual([0o700, 0o700])
    expect(JSON.parse(place.read(join(place.backups, own, 'meta.json')))).toEqual({ path: place.file, realPath: place.file })
  })

  test('that cannot be written mean that nothing is written', async () => {
    writeFileSync(place.file, 'old\n')
    mkdirSync(dirname(place.backups), { recursive: true })
    writeFileSync(place.backups, 'a file where the folder belongs')
    await expect(place.edit()).rejects.toThrow('No backup of ~/.client.json can be kept')
    expect(place.read()).toBe('old\n')
  })
})

describe('drafts', () => {
  test('of a killed run are swept, and those of nobody are left alone', async () => {
    writeFileSync(place.file, 'old\n')
    const killed = join(place.home, '..client.json.mcp-gw-999999999-abc.tmp')
    writeFileSync(killed, 'half')
    writeFileSync(join(place.home, 'other.tmp'), 'theirs')
    await place.edit()
    expect([existsSync(killed), existsSync(join(place.home, 'other.tmp'))]).toEqual([false, true])
  })
})

test('a hard link keeps the old text under its other name', async () => {
  writeFileSync(place.file, 'old\n')
  linkSync(place.file, join(place.home, 'other'))
  await place.edit()
  expect([place.read(), place.read(join(place.home, 'other'))]).toEqual(['old\nnew\n', 'old\n'])
  rmSync(join(place.home, 'other'))
})
