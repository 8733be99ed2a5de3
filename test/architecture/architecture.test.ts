/** Holds the sources to the plan: where they import from, how long they are, how they begin and what they are called. */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cycleProblems, homeProblems, layerProblems } from './imports.ts'
import { exportProblems, firstSentenceProblems, lengthProblems, nameProblems } from './pages.ts'
import { HOMES, LINE, LINE_EXCEPTIONS, LINES_MAX, OUTSIDE } from './plan.ts'
import { folderProblems, lockProblems, machineProblems } from './project.ts'
import { describeProblems, type Problem, projectFiles, readSources } from './source.ts'

const top = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const files = projectFiles(top)
const inSrc = files.filter((path) => path.startsWith('src/'))
const sources = readSources(
  top,
  inSrc.filter((path) => path.endsWith('.ts')),
)

const read = (path: string) => ({ path, text: readFileSync(join(top, path), 'utf8') })
const expectNone = (problems: Problem[]) => expect(describeProblems(problems)).toBe('')

describe('imports', () => {
  test('a folder imports only from itself and from folders to its left', () => {
    expectNone(layerProblems(sources, { line: LINE, exceptions: LINE_EXCEPTIONS, outside: OUTSIDE }))
  })

  test('a package is imported only where it is at home', () => {
    const { devDependencies } = JSON.parse(read('package.json').text)
    expectNone(homeProblems(sources, { homes: HOMES, devDependencies: Object.keys(devDependencies) }))
  })

  test('no file imports itself by way of others', () => {
    expectNone(cycleProblems(sources))
  })
})

describe('pages', () => {
  test('no file is longer than a page', () => {
    const programs = files.filter((path) => path.startsWith('test/') && /\.(ts|mjs)$/.test(path))
    expectNone([...lengthProblems(sources, LINES_MAX.src), ...lengthProblems(programs.map(read), LINES_MAX.test)])
  })

  test('every file of src begins with a sentence', () => {
    expectNone(firstSentenceProblems(sources))
  })

  test('everything is exported by name from the file that makes it', () => {
    expectNone(exportProblems(sources))
  })

  test('files of src are named in kebab-case', () => {
    expectNone(nameProblems(inSrc))
  })
})

describe('the project', () => {
  test('every folder of src is in the line and on its map', () => {
    const map = existsSync(join(top, 'src/README.md')) ? read('src/README.md').text : ''
    expectNone(folderProblems(inSrc, LINE, map))
  })

  test('no file names a folder of this machine', () => {
    expectNone(machineProblems(files.map(read), [top, homedir()]))
  })

  test('lock files name no registry', () => {
    const locks = files.filter((path) => path.endsWith('package-lock.json'))
    expect(locks).toContain('package-lock.json')
    expectNone(lockProblems(locks.map(read)))
  })
})
