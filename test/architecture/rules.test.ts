/** Shows on made-up sources that each rule of the architecture test can fail, and what it says then. */
import { describe, expect, test } from 'vitest'
import { cycleProblems, homeProblems, layerProblems } from './imports.ts'
import { exportProblems, firstSentenceProblems, lengthProblems, nameProblems } from './pages.ts'
import { folderProblems, lockProblems, machineProblems } from './project.ts'
import { describeProblems, type Problem, parseSource } from './source.ts'

const parse = (files: Record<string, string>) => Object.entries(files).map(([path, text]) => parseSource(path, text))
const where = (problems: Problem[]) => problems.map(({ path, line }) => `${path}:${line}`)

describe('the line', () => {
  const plan = { line: ['std', 'call', 'cli'], exceptions: [], outside: [/^package\.json$/] }
  const imports = (path: string, text: string) => layerProblems(parse({ [path]: text }), plan)

  test.each([
    ['an import', "import { run } from '../cli/run.ts'"],
    ['a type', "import type { Run } from '../cli/run.ts'"],
    ['a re-export', "export { run } from '../cli/run.ts'"],
    ['a late import', "export const run = async () => (await import('../cli/run.ts')).run()"],
    ['a type in place', "export type Run = import('../cli/run.ts').Run"],
    ['a require', "const run = require('../cli/run.ts')"],
  ])('%s to the right is a problem', (_kind, text) => {
    expect(where(imports('src/call/call.ts', `\n${text}`))).toEqual(['src/call/call.ts:2'])
  })

  test('the message says what and how to mend it', () => {
    expect(describeProblems(imports('src/call/call.ts', "import '../cli/run.ts'"))).toBe(
      'src/call/call.ts:1 call imports src/cli/run.ts, and cli is to its right in the line; ' +
        'move the shared part to call or further left, or let cli pass it in',
    )
  })

  test('imports from the same folder, the left, Node and the package file are none', () => {
    const text = "import './b.ts'\nimport '../std/c.ts'\nimport 'node:fs'\nimport '../../package.json'\nimport 'zod'"
    expect(imports('src/call/deep.ts', text)).toEqual([])
  })

  test('an import from outside src is a problem', () => {
    expect(where(imports('src/cli/a.ts', "import '../../test/support/x.ts'"))).toEqual(['src/cli/a.ts:1'])
  })

  test('an exception allows exactly one import, and is a problem when it is not used', () => {
    const exceptions = [{ from: 'call/a.ts', to: 'cli/b.ts', reason: 'shown here' }]
    const used = parse({ 'src/call/a.ts': "import '../cli/b.ts'\nimport '../cli/c.ts'" })
    expect(where(layerProblems(used, { ...plan, exceptions }))).toEqual(['src/call/a.ts:2'])
    expect(describeProblems(layerProblems([], { ...plan, exceptions }))).toContain('the exception for src/cli/b.ts is not used')
  })

  test('a word in a comment or a text is no import', () => {
    expect(imports('src/std/a.ts', "// import '../cli/b.ts'\nexport const a = \"import('../cli/b.ts')\"")).toEqual([])
  })
})

describe('the homes of packages', () => {
  const plan = { homes: { express: ['web'], '@a/sdk': ['up', 'web/sse.ts'], zod: ['*'] }, devDependencies: ['vitest'] }
  const imports = (path: string, text: string) => describeProblems(homeProblems(parse({ [path]: text }), plan))

  test('a package is free in its homes and nowhere else', () => {
    expect(imports('src/web/rest.ts', "import express from 'express'")).toBe('')
    expect(imports('src/up/a.ts', "import express from 'express'")).toContain('imports express, whose home is web')
  })

  test('a path below a scoped package counts as the package, and a home may be one file', () => {
    expect(imports('src/web/sse.ts', "import { S } from '@a/sdk/server/sse.js'")).toBe('')
    expect(imports('src/web/rest.ts', "await import('@a/sdk/server/sse.js')")).toContain(
      'imports @a/sdk, whose home is up, web/sse.ts',
    )
  })

  test('a package for development, one without a home and a computed name are problems', () => {
    expect(imports('src/up/a.ts', "import { test } from 'vitest'")).toContain('which users do not get')
    expect(imports('src/up/a.ts', "import type { X } from 'leftpad'")).toContain('imports leftpad, which has no home')
    expect(imports('src/up/a.ts', 'await import(name)')).toContain('imports a computed name')
  })

  test('zod is free everywhere', () => {
    expect(imports('src/std/a.ts', "import * as z from 'zod'")).toBe('')
  })
})

describe('cycles', () => {
  test('a circle of three files, closed by a type, is one problem that shows the way', () => {
    const sources = parse({
      'src/std/a.ts': "import './b.ts'",
      'src/std/b.ts': "import './c.ts'",
      'src/std/c.ts': "\nimport type { A } from './a.ts'",
    })
    expect(describeProblems(cycleProblems(sources))).toBe(
      'src/std/c.ts:2 closes a circle: src/std/a.ts → src/std/b.ts → src/std/c.ts → src/std/a.ts; ' +
        'move what both need into a file of its own',
    )
  })

  test('two ways to one file are no circle', () => {
    const sources = parse({
      'src/std/a.ts': "import './b.ts'\nimport './c.ts'",
      'src/std/b.ts': "import './c.ts'",
      'src/std/c.ts': '',
    })
    expect(cycleProblems(sources)).toEqual([])
  })

  test('a file that imports itself is a circle', () => {
    expect(where(cycleProblems(parse({ 'src/std/a.ts': "import './a.ts'" })))).toEqual(['src/std/a.ts:1'])
  })
})

describe('pages', () => {
  test('the line after the last allowed one is a problem', () => {
    expect(lengthProblems([{ path: 'src/a.ts', text: 'x\n'.repeat(3) }], 3)).toEqual([])
    expect(where(lengthProblems([{ path: 'src/a.ts', text: 'x\n'.repeat(4) }], 3))).toEqual(['src/a.ts:4'])
  })

  test.each([
    ['/** Says what it is. */\nexport const a = 1', undefined],
    ['// Says what it is.\nexport const a = 1', undefined],
    ['#!/usr/bin/env node\n/** Says what it is. */', undefined],
    ['/**\n * Says what it is.\n */\nexport const a = 1', undefined],
    ['export const a = 1\n/** Says what it is. */', 'begins with code'],
    ["import './b.ts'\n/** Says what it is. */", 'begins with code'],
    ['/** Cache */\nexport const a = 1', 'does not begin with a sentence'],
    ['/** Says what it is */\nexport const a = 1', 'begins with a sentence that has no full stop'],
    ['', 'begins with code'],
  ])('the first sentence of %j', (text, problem) => {
    expect(firstSentenceProblems(parse({ 'src/std/a.ts': text })).map(({ what }) => what)).toEqual(problem ? [problem] : [])
  })

  test.each([
    ['export default function a() {}', 'has a default export'],
    ['const a = 1\nexport default a', 'has a default export'],
    ['const a = 1\nexport { a as default }', 'has a default export'],
    ["export { a } from './a.ts'\nexport { b } from './b.ts'", 'only passes on what others export'],
    ["export * from './a.ts'\nexport const b = 1", 'exports everything of another file'],
    ["import { a } from './a.ts'\nexport const b = a\nexport { c } from './c.ts'", undefined],
    ["import './a.ts'", undefined],
  ])('the exports of %j', (text, problem) => {
    expect(exportProblems(parse({ 'src/std/a.ts': text })).map(({ what }) => what)).toEqual(problem ? [problem] : [])
  })

  test('names with capitals, underscores or another ending are problems', () => {
    const bad = ['src/std/RateLimit.ts', 'src/std/rate_limit.ts', 'src/std/rate-limit.mts', 'src/std/-a.ts', 'src/std/a.test.ts']
    expect(where(nameProblems([...bad, 'src/std/rate-limit.ts', 'src/README.md']))).toEqual(bad.map((path) => `${path}:1`))
  })
})

describe('the project', () => {
  const line = ['std', 'cli']

  test('a folder outside the line, one the map forgets and a stray file are problems', () => {
    const problems = folderProblems(
      ['src/std/a.ts', 'src/misc/b.ts', 'src/main.ts', 'src/README.md'],
      line,
      'std → cli\n`misc/` holds it all',
    )
    expect(problems.map(({ path, what }) => `${path} ${what}`)).toEqual([
      'src/main.ts lies directly in src/',
      'src/README.md does not name std/',
      'src/misc is not in the line',
    ])
  })

  test('a map without the line is a problem', () => {
    expect(describeProblems(folderProblems([], line, ''))).toContain('does not show the line of folders')
    expect(folderProblems([], line, 'std → cli')).toEqual([])
  })

  test('a folder of the machine is found as a whole name only', () => {
    const files = [{ path: 'README.md', text: 'one\nsee /home/ann/x\n/home/anna' }]
    expect(where(machineProblems(files, ['/home/ann']))).toEqual(['README.md:2'])
    expect(machineProblems(files, ['/home/an', '/', '/me'])).toEqual([])
  })

  test('a lock file with addresses is a problem', () => {
    expect(where(lockProblems([{ path: 'package-lock.json', text: '{\n"resolved": "x"' }]))).toEqual(['package-lock.json:2'])
  })
})
