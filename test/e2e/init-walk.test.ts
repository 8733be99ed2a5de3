/** A person's walk through `mcp-gw init`, key by key and screen by screen. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageServer } from '../support/gateway.ts'
// @ts-expect-error Scripts in plain JavaScript use it, too.
import { lastingCopy } from '../support/lasting-copy.mjs'
import { Terminal, TMUX } from '../support/terminal.ts'

const everything = JSON.stringify(packageServer('everything'))
const files = packageServer('filesystem', '/usr/share')
const memory = JSON.stringify({ ...packageServer('memory'), env: { GITHUB_TOKEN: 'ghp_abcdefghijklmnopqrstuvwxyz0123456789' } })

/** Four clients with two servers twice, a secret in plain text and a server that does not start. */
const FILES = {
  '.claude.json': `{ "numStartups": 3, "mcpServers": { "everything": ${everything}, "notes": ${memory} } }\n`,
  '.cursor/mcp.json': `{\n  // mine\n  "mcpServers": {\n    "ev": ${everything}, // the same\n  }\n}\n`,
  '.codex/config.toml': `model = "o3" # mine

[mcp_servers.broken]
command = "no-such-program-anywhere"
args = []

[mcp_servers.files]
command = ${JSON.stringify(files.command)}
args = ${JSON.stringify(files.args)}
`,
  '.gemini/settings.json': `{ "theme": "dark", "mcpServers": { "fs": ${JSON.stringify(files)} } }\n`,
} as const

let copy: { folder: string; script: string; remove(): void }
let home: string
let terminal: Terminal

const read = (path: string): string => readFileSync(join(home, path), 'utf8')

/** The screen with this question, and from there on only what belongs to it. */
async function question(text: string): Promise<string> {
  const screen = await terminal.showing(new RegExp(`◆  ${text}[\\s\\S]*\\n└$`))
  return screen.slice(screen.indexOf('◆'))
}

/** What differs from run to run is masked; the golden is what a person reads. */
function masked(screens: readonly string[]): string {
  return `${screens.join('\n\n')}\n`.replaceAll(/\b\d+ ms/g, 'N ms').replaceAll(/\[\d+s\]/g, '[Ns]')
}

const QUESTIONS = ['Which clients', 'Which servers', '1 secret', 'What becomes', 'How shall clients', 'broken does not start']

/** The screens name paths of Linux, and applications that are installed where every user has them would be found elsewhere. */
const skipped = TMUX && process.platform === 'linux' ? '' : ' (skipped: it needs Linux and tmux)'

describe.skipIf(skipped !== '')(`mcp-gw init in a terminal of 80 columns${skipped}`, () => {
  beforeEach(() => {
    copy = lastingCopy('walk')
    home = join(copy.folder, 'home')
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(home, path)), { recursive: true })
      writeFileSync(join(home, path), text)
    }
    // Nothing is on this PATH, so no client of the machine that the tests run on is found.
    const env = { HOME: home, PATH: '/nowhere', TERM: 'xterm-256color', LANG: 'C.UTF-8' }
    terminal = new Terminal([process.execPath, copy.script, 'init'], { folder: copy.folder, cwd: home, env })
  })
  afterEach(() => {
    terminal.end()
    copy.remove()
  })

  it('goes through with Enter alone, and each screen says what a person has to know', async () => {
    const screens: string[] = []
    for (const text of QUESTIONS) {
      screens.push(await question(text))
      terminal.type('Enter')
    }
    screens.push(await terminal.showing(/◆ {2}Go on\?[\s\S]*\n└$/))
    terminal.type('Enter')
    const end = await terminal.showing(/exit code 0$/)
    screens.push(end.slice(end.indexOf('◇  Go on?')))
    await expect(masked(screens)).toMatchFileSnapshot('golden/init-walk.golden.txt')
    expect(statSync(join(home, '.config/mcp-gw/.env')).mode & 0o777).toBe(0o600)
    for (const path of Object.keys(FILES)) expect(read(path), path).toContain('mcp-gw')
    expect(read('.claude.json')).not.toContain('ghp_')
  })

  it('leaves everything as it was when it is left at the review', async () => {
    for (const text of QUESTIONS) {
      await question(text)
      terminal.type('Enter')
    }
    await question('Go on')
    terminal.type('C-c')
    const end = await terminal.showing(/exit code \d+$/)
    expect(end).toMatch(/cancelled; nothing was changed\nexit code 130$/)
    for (const [path, text] of Object.entries(FILES)) expect(read(path), path).toBe(text)
    const left = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(left).toHaveLength(Object.keys(FILES).length)
  })
})
