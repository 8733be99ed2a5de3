/** The rules by which a client is pointed at the gateway: mode, token, whose entry it is, what becomes of the originals. */
import { describe, expect, test } from 'vitest'
import type { Client } from '../../src/clients/client.ts'
import { bridgeCommand } from '../../src/clients/export/bridge-command.ts'
import { settleTargets, withoutRepeats } from '../../src/clients/export/overlaps.ts'
import { planExport } from '../../src/clients/export/plan.ts'
import type { ExportRequest } from '../../src/clients/export/request.ts'
import type { Origin } from '../../src/clients/import/server-entry.ts'
import type { RecordedEntry } from '../../src/clients/journal.ts'
import { CLIENTS, clientById } from '../../src/clients/known/clients.ts'
import type { Machine } from '../../src/clients/machine.ts'
import { Secret } from '../../src/std/secret.ts'
import { machine } from '../support/machine.ts'

const client = (id: string) => clientById(id) as Client

const BRIDGE = { command: '/usr/bin/node', args: ['/opt/mcp-gw.js', 'connect'] }

function plan(id: string, here: Machine, wish: Partial<ExportRequest> = {}) {
  const gateway = { url: 'http://127.0.0.1:39400/mcp' }
  return planExport({
    client: client(id),
    gateway,
    bridge: BRIDGE,
    mode: 'auto',
    scope: 'user',
    originals: 'keep',
    machine: here,
    ...wish,
  })
}

const entryOf = ({ files }: Awaited<ReturnType<typeof plan>>) => {
  const change = files[0]?.changes[0]
  return change && 'set' in change ? change.set : undefined
}

const texts = (notes: readonly { code?: string; text: string }[]) =>
  notes.map(({ code, text }) => (code ? `${code} ${text}` : text))

describe('the mode', () => {
  const here = machine('linux', { '~/.cursor/mcp.json': '{}' })

  test('is the bridge where nothing keeps the gateway running', async () => {
    expect((await plan('cursor', here)).mode).toBe('stdio')
    expect(entryOf(await plan('cursor', here))).toEqual(BRIDGE)
  })

  test('is HTTP where a service does', async () => {
    expect(entryOf(await plan('cursor', here, { service: true }))).toEqual({ url: 'http://127.0.0.1:39400/mcp' })
  })

  test('is what was asked for', async () => {
    expect((await plan('cursor', here, { mode: 'http' })).mode).toBe('http')
    expect((await plan('cursor', here, { mode: 'stdio', service: true })).mode).toBe('stdio')
  })

  test('is the bridge for a client that takes no addresses, with a note', async () => {
    const desktop = machine('darwin', { '~/Library/Application Support/Claude/claude_desktop_config.json': '{}' })
    const planned = await plan('claude-desktop', desktop, { mode: 'http' })
    expect(entryOf(planned)).toEqual(BRIDGE)
    expect(texts(planned.notes)).toEqual([
      'E09 Claude Desktop accepts only local commands; wrote a bridge (mcp-gw connect) instead of a URL.',
    ])
  })
})

describe('the files', () => {
  test('of a client that is not installed are not made', async () => {
    const planned = await plan('cursor', machine('linux'))
    expect(planned).toMatchObject({
      files: [],
      problems: ['Cursor is not installed here; --force-create writes its file all the same'],
    })
    const forced = await plan('cursor', machine('linux'), { create: true })
    expect(forced.files).toMatchObject([{ path: '/home/anna/.cursor/mcp.json', before: undefined }])
    expect(JSON.parse(forced.files[0]?.after ?? '')).toEqual({ mcpServers: { 'mcp-gw': BRIDGE } })
  })

  test('that cannot be read are left alone, and the problem says where', async () => {
    const here = machine('linux', { '~/.claude.json': '{\n  "mcpServers": {},\n}' })
    const planned = await plan('claude-code', here)
    expect(planned.files).toMatchObject([{ changes: [], after: '{\n  "mcpServers": {},\n}' }])
    expect(planned.problems[0]).toMatch(/^Cannot read ~\/\.claude\.json: line 3, column 1: .*trailing comma on line 2/)
  })

  test('that hold something else than servers are left alone', async () => {
    const planned = await plan('cursor', machine('linux', { '~/.cursor/mcp.json': '{ "mcpServers": [] }' }))
    expect(planned.files).toMatchObject([{ changes: [], after: '{ "mcpServers": [] }' }])
    expect(planned.problems[0]).toMatch(/^Cannot edit ~\/\.cursor\/mcp\.json: .*File left untouched\.$/)
  })

  test('are those of each editor that has the extension, and of each profile', async () => {
    const file = 'globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json'
    const editors = machine('linux', {
      [`~/.config/Code/User/${file}`]: '{}',
      '~/.config/Cursor/User/globalStorage/saoudrizwan.claude-dev/x': '',
    })
    const cline = await plan('cline', editors)
    expect(cline.files.map(({ path }) => path.split('/')[4])).toEqual(['Code', 'Cursor'])
    const profiles = machine('linux', { '~/.config/Code/User/profiles/a1/mcp.json': '{"servers":{}}' })
    expect((await plan('vscode', profiles)).files).toHaveLength(2)
  })

  test('are the winning one of two, and a note names the other', async () => {
    const here = machine('linux', { '~/.config/opencode/opencode.json': '{}', '~/.config/opencode/opencode.jsonc': '{}' })
    const planned = await plan('opencode', here)
    expect(planned.files.map(({ path }) => path)).toEqual(['/home/anna/.config/opencode/opencode.jsonc'])
    expect(texts(planned.notes)[0]).toBe(
      'opencode has ~/.config/opencode/opencode.json too; the entry goes to ~/.config/opencode/opencode.jsonc',
    )
  })

  test('hold the entry where this version of the format has its servers', async () => {
    const here = machine('linux', {
      '~/.config/opencode/opencode.jsonc': '{ "mcp": { "servers": { "a": { "type": "remote", "url": "https://a" } } } }',
    })
    expect((await plan('opencode', here)).files[0]?.changes[0]?.key).toEqual(['mcp', 'servers', 'mcp-gw'])
    const bare = machine('linux', { './.mcp.json': '{ "a": { "type": "http", "url": "https://a" } }', '~/.copilot/x': '' })
    expect((await plan('copilot-cli', bare, { scope: 'project' })).files[0]?.changes[0]?.key).toEqual(['mcp-gw'])
  })

  test('that another file hides are not written', async () => {
    const here = machine('linux', { '~/.config/crush/crushrc': '', '~/.config/crush/crush.json': '{}' })
    const planned = await plan('crush', here)
    expect(planned.files).toEqual([])
    expect(planned.problems[0]).toMatch(/^Crush reads ~\/\.config\/crush\/crushrc .*mcp add mcp-gw --type http --url URL/)
  })

  test('of a client that is only read are never written', async () => {
    const here = machine('linux', { '~/.aws/amazonq/mcp.json': '{}' })
    expect(await plan('amazonq', here)).toMatchObject({
      mode: undefined,
      files: [],
      problems: ['Amazon Q Developer is only read.'],
    })
  })

  test('are locked as the client locks them', async () => {
    const here = machine('linux', { '~/.claude.json': '{}' })
    expect((await plan('claude-code', here)).files[0]).toMatchObject({ locks: ['/home/anna/.claude.json'], hot: true })
  })
})

describe('an entry of our name', () => {
  const path = '/home/anna/.cursor/mcp.json'
  const withEntry = (entry: object) =>
    machine('linux', { '~/.cursor/mcp.json': JSON.stringify({ mcpServers: { 'mcp-gw': entry } }) })
  const wrote = (value: object): RecordedEntry[] => [
    {
      ...{
        id: '1',
        runId: '1',
        client: 'cursor',
        reason: 'init',
        at: '',
        path,
        realPath: path,
        createdFile: false,
        createdFolders: [],
      },
      changes: [{ key: ['mcpServers', 'mcp-gw'], after: { source: '', value }, parents: 1 }],
      state: 'done',
    },
  ]

  test('that is as it would be written is up to date', async () => {
    expect(await plan('cursor', withEntry(BRIDGE))).toMatchObject({ state: 'managed', files: [{ changes: [] }] })
  })

  test('that we wrote otherwise is written anew', async () => {
    const old = { url: 'http://127.0.0.1:7718/mcp' }
    const planned = await plan('cursor', withEntry(old), { history: wrote(old) })
    expect(planned).toMatchObject({ state: 'managed', files: [{ changes: [{ set: BRIDGE }] }] })
  })

  test('that somebody has edited is kept, unless it may be written over', async () => {
    const mine = { ...BRIDGE, env: { DEBUG: '1' } }
    const planned = await plan('cursor', withEntry(mine), { history: wrote(BRIDGE) })
    expect(planned).toMatchObject({ state: 'customised', files: [{ changes: [] }], problems: [] })
    expect(texts(planned.notes)).toContain(
      'E05 Entry "mcp-gw" in ~/.cursor/mcp.json was edited by hand. Keep it, or overwrite with --force.',
    )
    const forced = await plan('cursor', withEntry(mine), { history: wrote(BRIDGE), overwrite: true })
    expect(forced.files).toMatchObject([{ changes: [{ set: BRIDGE }] }])
  })

  test('that leads to the gateway and that we do not remember was made by hand', async () => {
    expect((await plan('cursor', withEntry({ url: 'http://localhost:39400/mcp' }))).state).toBe('customised')
  })

  test('that is something else is a problem', async () => {
    const planned = await plan('cursor', withEntry({ command: 'another-program' }))
    expect(planned).toMatchObject({ state: 'foreign', files: [{ changes: [] }] })
    expect(planned.problems).toEqual([
      'Entry "mcp-gw" in ~/.cursor/mcp.json is another server. Rename it there, or overwrite with --force.',
    ])
  })
})

describe('the originals', () => {
  const origin = (id: string, path: string, keyPath: string[], more: Partial<Origin> = {}): Origin => ({
    ...{ client: id, name: keyPath.at(-1) as string, path, keyPath, scope: 'user' },
    ...more,
  })
  const cline = machine('linux', {
    '~/.cline/data/settings/cline_mcp_settings.json':
      '{ "mcpServers": { "a": { "command": "a" }, "b": { "command": "b", "disabled": true } } }',
  })
  const clinePath = '/home/anna/.cline/data/settings/cline_mcp_settings.json'
  const taken = ['a', 'b'].map((name) => origin('cline-cli', clinePath, ['mcpServers', name]))

  test('go, are switched off, or stay', async () => {
    const servers = async (originals: ExportRequest['originals']) => {
      const { files } = await plan('cline-cli', cline, { originals, taken })
      const { 'mcp-gw': _, ...others } = JSON.parse(files[0]?.after ?? '').mcpServers
      return others
    }
    expect(await servers('move')).toEqual({})
    expect(await servers('disable')).toEqual({ a: { command: 'a', disabled: true }, b: { command: 'b', disabled: true } })
    expect(await servers('keep')).toEqual({ a: { command: 'a' }, b: { command: 'b', disabled: true } })
  })

  test('that were not taken over stay', async () => {
    const { files } = await plan('cline-cli', cline, { originals: 'move', taken: taken.slice(0, 1) })
    expect(Object.keys(JSON.parse(files[0]?.after ?? '').mcpServers)).toEqual(['b', 'mcp-gw'])
  })

  test('stay where the client cannot switch them off, and a note says so', async () => {
    const here = machine('linux', { '~/.cursor/mcp.json': '{ "mcpServers": { "a": { "command": "a" } } }' })
    const planned = await plan('cursor', here, {
      originals: 'disable',
      taken: [origin('cursor', '/home/anna/.cursor/mcp.json', ['mcpServers', 'a'])],
    })
    expect(planned.files[0]?.changes).toHaveLength(1)
    expect(texts(planned.notes)).toContain('Cursor cannot switch servers off in its file, so a stay in ~/.cursor/mcp.json')
  })

  test('of one project go from the file of the person, and those that a team shares stay', async () => {
    const here = machine('linux', {
      '~/.claude.json': '{ "projects": { "/srv/x": { "mcpServers": { "a": { "command": "a" } } } } }',
      './.mcp.json': '{ "mcpServers": { "b": { "command": "b" } } }',
    })
    const taken = [
      origin('claude-code', '/home/anna/.claude.json', ['projects', '/srv/x', 'mcpServers', 'a'], {
        scope: 'project',
        project: '/srv/x',
      }),
      origin('claude-code', '/home/anna/src/app/.mcp.json', ['mcpServers', 'b'], { scope: 'project' }),
    ]
    const user = await plan('claude-code', here, { originals: 'move', taken })
    const [own] = user.files
    expect(JSON.parse(own?.after ?? '')).toMatchObject({
      projects: { '/srv/x': { mcpServers: {} } },
      mcpServers: { 'mcp-gw': {} },
    })
    expect(user.files.find(({ path }) => path.endsWith('.mcp.json'))?.changes).toEqual([])
    expect(texts(user.notes)).toContain('b stay in ~/src/app/.mcp.json, which others share; --scope project changes it')
    const project = await plan('claude-code', here, { originals: 'move', taken, scope: 'project', mode: 'http' })
    expect(project.files.map(({ path, changes }) => [path, changes.length])).toEqual([
      ['/home/anna/src/app/.mcp.json', 2],
      ['/home/anna/.claude.json', 1],
    ])
  })
})

describe('a token', () => {
  const value = new Secret('gateway-token-1', 'the token')
  const gateway = (token: ExportRequest['gateway']['token']) => ({
    gateway: { url: 'http://127.0.0.1:39400/mcp', ...(token && { token }) },
  })

  test.each([
    ['claude-code', '~/.claude.json', 'Bearer ${MCP_GW_TOKEN}'],
    ['cursor', '~/.cursor/mcp.json', 'Bearer ${env:MCP_GW_TOKEN}'],
    ['opencode', '~/.config/opencode/opencode.jsonc', 'Bearer {env:MCP_GW_TOKEN}'],
  ])('is named by its variable in the header of %s', async (id, path, header) => {
    const planned = await plan(id, machine('linux', { [path]: '{}' }), {
      mode: 'http',
      ...gateway({ variable: 'MCP_GW_TOKEN', value }),
    })
    expect(entryOf(planned)).toMatchObject({ headers: { Authorization: header } })
    expect(planned.files[0]).toMatchObject({ secret: false })
    expect(planned.files[0]?.after).not.toContain('gateway-token-1')
  })

  test('is named by its variable in the entry of Codex', async () => {
    const here = machine('linux', { '~/.codex/config.toml': '' })
    const planned = await plan('codex', here, { mode: 'http', ...gateway({ variable: 'MCP_GW_TOKEN', value }) })
    expect(entryOf(planned)).toEqual({ url: 'http://127.0.0.1:39400/mcp', bearer_token_env_var: 'MCP_GW_TOKEN' })
  })

  test('stands in the file only where it must, which is then for its owner only', async () => {
    const here = machine('linux', { '~/.lmstudio/mcp.json': '{}', '~/.git/HEAD': '' })
    const planned = await plan('lm-studio', here, { mode: 'http', ...gateway({ value }) })
    expect(entryOf(planned)).toMatchObject({ headers: { Authorization: 'Bearer gateway-token-1' } })
    expect(planned.files[0]).toMatchObject({ secret: true })
    expect(texts(planned.notes)).toEqual([
      '~/.lmstudio/mcp.json holds the token of the gateway, so only you may read it',
      '~/.lmstudio/mcp.json lies in the repository ~: do not commit it, or use --mode stdio, which needs no token there',
    ])
  })

  test('never stands in the file of a project, nor beside the bridge', async () => {
    const here = machine('linux', { './.cursor/mcp.json': '{}', '~/.cursor/x': '' })
    const project = await plan('cursor', here, { scope: 'project', mode: 'http', ...gateway({ value }) })
    expect(project.files[0]?.after).not.toContain('gateway-token-1')
    const bridge = await plan('cursor', here, { mode: 'stdio', ...gateway({ value }) })
    expect(bridge.files[0]?.after).not.toContain('gateway-token-1')
  })
})

describe('clients that read the files of others', () => {
  const chosen = (...ids: string[]) => CLIENTS.filter(({ id }) => ids.includes(id))

  test('are not written twice', () => {
    const { write, skipped, notes } = settleTargets(chosen('claude-code', 'grok', 'vscode', 'copilot-cli'), 'user')
    expect(write.map(({ id }) => id)).toEqual(['claude-code', 'vscode', 'copilot-cli'])
    expect(skipped).toMatchObject([
      { client: { id: 'grok' }, reason: 'it reads the file of Claude Code, where the gateway is written' },
    ])
    expect(notes).toEqual(['VS Code reads the file of GitHub Copilot CLI too; if it shows the gateway twice, remove one'])
  })

  test('share one file of a project', async () => {
    const here = machine('linux', { './.mcp.json': '{ "mcpServers": {} }', '~/.claude.json': '{}', '~/.copilot/x': '' })
    const wish = { scope: 'project', mode: 'http' } as const
    const plans = await Promise.all(['claude-code', 'copilot-cli'].map((id) => plan(id, here, wish)))
    const [claude, copilot] = withoutRepeats(plans)
    expect(claude?.files).toHaveLength(1)
    expect(copilot).toMatchObject({ files: [], notes: [{ text: 'GitHub Copilot CLI shares its file with Claude Code' }] })
  })
})

describe('the command of the bridge', () => {
  const program = { node: '/usr/bin/node', script: '/usr/lib/node_modules/mcp-gw/bin/mcp-gw.js', version: '1.4.0' }

  test('names node and the script in full', () => {
    expect(bridgeCommand(program, machine('linux'), '/srv/mcp-gw.yaml')).toEqual({
      command: '/usr/bin/node',
      args: [program.script, 'connect', '--config', '/srv/mcp-gw.yaml'],
    })
  })

  test.each([
    ['/home/anna/.npm/_npx/ab12/node_modules/mcp-gw/bin/mcp-gw.js'],
    ['/tmp/mcp-gw/bin/mcp-gw.js'],
    ['/private/var/folders/xy/T/mcp-gw.js'],
  ])('never leads to %s, which goes away', (script) => {
    const { command, args, note } = bridgeCommand({ ...program, script }, machine('linux'))
    expect([command, ...args]).toEqual(['npx', '-y', 'mcp-gw@1', 'connect'])
    expect(note).toMatch(/npm install -g mcp-gw/)
  })

  test('on Windows goes through cmd where npx starts it, and blanks are said', () => {
    const windows = machine('win32')
    const fleeting = { ...program, version: '0.3.1', script: 'C:\\Users\\anna\\AppData\\Local\\npm-cache\\_npx\\1\\mcp-gw.js' }
    expect(bridgeCommand(fleeting, windows)).toMatchObject({ command: 'cmd', args: ['/c', 'npx', '-y', 'mcp-gw@0.3', 'connect'] })
    const blanks = { ...program, node: 'C:\\Program Files\\nodejs\\node.exe', script: 'C:\\Users\\Anna Smith\\npm\\mcp-gw.js' }
    expect(bridgeCommand(blanks, windows).note).toMatch(/cut arguments at blanks/)
  })

  test('tells of a Node that may be gone with the next one', () => {
    const node = '/home/anna/.nvm/versions/node/v22.1.0/bin/node'
    expect(bridgeCommand({ ...program, node }, machine('linux')).note).toMatch(/when you remove this version of Node/)
  })
})
