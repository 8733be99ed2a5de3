/** `mcp-gw search` and `search eval` as a person types them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mcpGw, packageServer, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { finish } from '../support/processes.ts'

const folder = temporaryFolder()
let config: string

beforeAll(() => {
  config = writeConfig(folder.path, { servers: { everything: packageServer('everything'), memory: packageServer('memory') } })
})
afterAll(() => folder.remove())

const mcp = (...args: string[]) => finish(mcpGw(args))
const file = (name: string, value: unknown): string => {
  const path = join(folder.path, name)
  writeFileSync(path, JSON.stringify(value))
  return path
}

const notes = { server: 'notes', tools: [{ name: 'add_note', description: 'Writes a note down' }, { name: 'drop_note' }] }

describe('mcp-gw search', () => {
  it('shows the tools that fit, the best first, as signatures', async () => {
    const { code, stdout } = await mcp('search', '--config', config, 'sum', 'of', 'two', 'numbers')
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toBe('everything__get-sum(a: number, b: number) — Returns the sum of two numbers')
  })

  it('looks at one server only, shows so many, and prints JSON', async () => {
    const { stdout } = await mcp(
      'search',
      '--config',
      config,
      '--server',
      'memory',
      '--limit',
      '2',
      '--json',
      'delete a relation',
    )
    const found = JSON.parse(stdout) as { name: string; fit: number }[]
    expect(found).toHaveLength(2)
    expect(found[0]?.name).toBe('memory__delete_relations')
  })

  it('fails where nothing fits, and says where all tools are', async () => {
    const { code, stderr } = await mcp('search', '--config', config, 'play some music')
    expect(code).toBe(1)
    expect(stderr).toContain('no tool fits "play some music"; see mcp-gw tools')
  })

  it('refuses a limit that is no number', async () => {
    const { code, stderr } = await mcp('search', '--config', config, '--limit', 'ten', 'files')
    expect(code).toBe(2)
    expect(stderr).toContain('--limit takes a whole number above 0, not "ten"')
  })
})

describe('mcp-gw search eval', () => {
  it('measures a set of one’s own', async () => {
    const catalogue = file('notes.json', notes)
    const data = file('set.json', {
      catalogues: [catalogue],
      queries: [
        { query: 'write something down', answers: { notes__add_note: 2 } },
        { query: 'xyzzy', answers: {} },
      ],
    })
    const { code, stdout } = await mcp('search', 'eval', '--data', data, '--json')
    const report = JSON.parse(stdout) as { tools: number; quality: { all: object }; falseAnswers: object }
    expect(code).toBe(0)
    expect(report.tools).toBe(2)
    expect(report.quality.all).toEqual({ questions: 1, recall: { 1: 1, 5: 1, 10: 1 }, mrr: 1, ndcg: 1 })
    expect(report.falseAnswers).toEqual({ questions: 1, answered: 0 })
  })

  it('prints a table, and hides the tools among others', async () => {
    const data = file('set.json', { catalogues: [notes], queries: [{ query: 'write down', answers: { notes__add_note: 2 } }] })
    const { stdout } = await mcp('search', 'eval', '--data', data, '--haystack', '100')
    expect(stdout).toContain('102 tools, 1 questions')
    expect(stdout).toMatch(/^HALF +QUESTIONS +R@1 +R@5 +R@10 +MRR +NDCG$/m)
    expect(stdout).toMatch(/tokens in the middle and \d+ at most \(measured, o200k_base\)/)
  })

  it.each([
    ['a file that is not there', 'nowhere.json', 'nowhere.json cannot be read: ENOENT'],
    ['a file of another form', file('other.json', { catalogues: [] }), 'other.json is no evaluation set:'],
    [
      'answers that no server has',
      file('ghost.json', { catalogues: [notes], queries: [{ query: 'q', answers: { notes__ghost: 2 } }] }),
      'expects tools that no catalogue has: notes__ghost',
    ],
  ])('refuses %s', async (_what, data, message) => {
    const { code, stderr } = await mcp('search', 'eval', '--data', data)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
