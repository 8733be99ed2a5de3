import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bundled, run } from '../support/edit-faults.ts'
import { temporaryFolder } from '../support/gateway.ts'

/** Root may do everything, so what others may not is tried as somebody else. */
const isRoot = process.getuid?.() === 0
const PERSON = isRoot ? { uid: 65_534, gid: 65_534 } : {}
const { uid = process.getuid?.() ?? 0, gid = process.getgid?.() ?? 0 } = PERSON

const folder = temporaryFolder()
const home = join(folder.path, 'home')
const file = join(home, 'folder', 'client.json')
let program: string
beforeAll(async () => {
  program = await bundled(join(import.meta.dirname, '../fixtures/edit-often.ts'), folder.path)
  chmodSync(folder.path, 0o755)
})
beforeEach(() => {
  mkdirSync(join(home, 'folder'), { recursive: true })
  for (const path of [home, join(home, 'folder')]) chownSync(path, uid, gid)
  writeFileSync(file, 'old\n')
  chownSync(file, uid, gid)
  return () => {
    chmodSync(join(home, 'folder'), 0o755)
    rmSync(home, { recursive: true, force: true })
  }
})
afterAll(() => folder.remove())

const edit = async (path = file): Promise<string> => {
  const args = { home, path, backups: join(home, 'state', 'backups'), name: 'ours', times: 1, how: 'ours' }
  const { stderr } = await run(program, args, PERSON)
  return /EditError: (.*)/.exec(stderr)?.[1] ?? stderr
}

describe.skipIf(process.platform === 'win32')('somebody who is not root', () => {
  test('edits what is theirs', async () => {
    expect(await edit()).toBe('')
    expect(readFileSync(file, 'utf8')).toBe('old\nours 0\n')
  })

  test('is told when the folder is read-only', async () => {
    chmodSync(join(home, 'folder'), 0o555)
    const mend = `No permission to write ~/folder/client.json: its folder is read-only. Run: chmod u+w ${join(home, 'folder')}`
    expect(await edit()).toBe(mend)
    expect(await edit(join(home, 'folder', 'new', 'client.json'))).toContain('its folder is read-only. Run: chmod u+w')
    expect([readFileSync(file, 'utf8'), readdirSync(join(home, 'folder'))]).toEqual(['old\n', ['client.json']])
  })

  test('is told when the file cannot be read', async () => {
    chmodSync(file, 0o200)
    expect(await edit()).toBe(`No permission to read ~/folder/client.json. Run: chmod u+rw ${file}`)
  })

  describe.runIf(isRoot)('with files of others', () => {
    test('does not replace one, even in a folder of their own', async () => {
      chownSync(file, 0, 0)
      expect(await edit()).toBe(`No permission to write ~/folder/client.json (owner root). Run: sudo chown $USER ${file}`)
      expect(readFileSync(file, 'utf8')).toBe('old\n')
    })

    test('is told when the folder is somebody else’s', async () => {
      chownSync(join(home, 'folder'), 0, 0)
      expect(await edit()).toContain('its folder is not yours (owner root). Run: sudo chown $USER')
    })

    test('does not take a file away from a group that is not theirs', async () => {
      chownSync(file, uid, 12_345)
      expect(await edit()).toContain('belongs to a group that is not yours')
      expect([readFileSync(file, 'utf8'), readdirSync(join(home, 'folder'))]).toEqual(['old\n', ['client.json']])
    })
  })
})
