/** `mcp-gw explain` tells a person what is known of a client and what that means for the tools that there are. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fixtureServer, mcpGw, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { finish } from '../support/processes.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const tool = (name: string, inputSchema: object) => ({ name, description: `Does ${name}.`, inputSchema })
writeFileSync(
  join(folder.path, 'tools.json'),
  JSON.stringify({
    tools: [
      tool('plain', { type: 'object' }),
      tool('either', { type: 'object', anyOf: [{ required: ['a'] }, { required: ['b'] }], properties: { a: {}, b: {} } }),
      tool('odata', { type: 'object', properties: { $filter: { type: 'string' } }, required: ['$filter'] }),
    ],
  }),
)
const config = writeConfig(folder.path, {
  servers: { s: fixtureServer('listing.mjs', join(folder.path, 'tools.json')) },
  surface: { mode: 'auto' },
  clients: { 'zed*': { tools: 2 } },
})

async function explain(...args: string[]): Promise<{ code: unknown; stdout: string }> {
  const env = { XDG_STATE_HOME: join(folder.path, 'state'), HOME: folder.path, COLUMNS: '100' }
  return finish(mcpGw(['explain', ...args], { env, cwd: folder.path }))
}

describe('mcp-gw explain', () => {
  it('shows what is known, where that was found, the surface, and what is changed for which tool', async () => {
    const { code, stdout } = await explain('Claude Code', '--config', config)
    expect(code).toBe(0)
    await expect(stdout).toMatchFileSnapshot('golden/explain-claude-code.txt')
  })

  it('says with --json the same to a program, and what the config changes', async () => {
    const { stdout } = await explain('zed', '--config', config, '--json')
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({
      client: 'Zed',
      name: 'zed',
      facts: { toolsMax: 2 },
      sources: { toolsMax: 'the config: clients' },
    })
    expect(report.surface).toMatchObject({ mode: 'search', asked: 'auto', tools: 4 })
    expect(report.direct).toMatchObject({ tools: 3 })
    expect(report.tools).toEqual([])
  })

  it('says of a client that nobody knows that nothing is changed, and which one may be meant', async () => {
    const { code, stdout } = await explain('Claud Code', '--config', config)
    expect(code).toBe(0)
    expect(stdout).toContain('did you mean Claude Code?')
    expect(stdout).toContain('No tool is changed for it.')
  })

  it('takes a version, and lists every client that is known without a name', async () => {
    const { stdout } = await explain('codex@0.20.0', '--config', config, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      client: 'Codex',
      version: '0.20.0',
      tools: [{ name: 's__plain' }, { name: 's__either' }],
    })
    const { stdout: all } = await explain()
    expect(all).toMatch(/^CLIENT .*\n.*Claude Code +claude-code\*\n/)
    expect(all).toMatch(/\n {2}refs +\$ref is replaced by what it points at\n/)
  })
})
