/** A home folder of its own for each test: commands run in it as in that of a person who has just installed mcp-gw. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach } from 'vitest'
import { mcpGw, temporaryFolder } from './gateway.ts'
import { finish, fixture, program, type Running } from './processes.ts'

export interface Ran {
  code: number | NodeJS.Signals
  stdout: string
  stderr: string
  /** What a person reads, errors first. */
  all: string
}

export class Home {
  /** The folder; another one for each test. */
  path = ''
  env: NodeJS.ProcessEnv = {}

  /** A home that is made anew before each test of the file, and gone with the tests. */
  static forEachTest(): Home {
    const folder = temporaryFolder()
    const home = new Home()
    let n = 0
    beforeEach(() => {
      home.path = join(folder.path, `home${n++}`)
      mkdirSync(home.path)
      const none = { XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' }
      home.env = { HOME: home.path, USERPROFILE: home.path, PATH: process.env.PATH, CI: '1', ...none }
    })
    afterAll(() => folder.remove())
    return home
  }

  /** The config that a first command makes. */
  get config(): string {
    return join(this.path, '.config', 'mcp-gw', 'mcp-gw.yaml')
  }

  get text(): string {
    return readFileSync(this.config, 'utf8')
  }

  write(config: string): void {
    mkdirSync(dirname(this.config), { recursive: true })
    writeFileSync(this.config, config)
  }

  start(...words: string[]): Running {
    return mcpGw(words, { env: this.env, cwd: this.path })
  }

  /** Runs a command to its end. What it prints looks the same on every machine. */
  async run(...words: string[]): Promise<Ran> {
    const { code, stdout, stderr } = await finish(this.start(...words))
    return { code, stdout: this.same(stdout), stderr: this.same(stderr), all: this.same(stderr + stdout) }
  }

  /** `mcp-gw add`. The keychain of whoever runs the tests is none of theirs. */
  add(...words: string[]): Promise<Ran> {
    return this.run('add', '--secrets', 'env', ...words)
  }

  /** A text without folders, versions and times. */
  same(text: string): string {
    return text
      .replaceAll(this.path, '~')
      .replaceAll(process.execPath, 'node')
      .replaceAll(fixture(''), '/fixtures')
      .replaceAll(program('everything'), '/everything.js')
      .replace(/mcp-gw@\d[\w.-]*/g, 'mcp-gw@1.2.3')
      .replace(/about [\d,]+ tokens/g, 'about 1,234 tokens')
      .replace(/\bin \d+(?:\.\d)? m?s\b/g, 'in 1.0 s')
      .replace(/\(\/[^)]*\/bin[^)]*\)/g, '(…)')
  }
}
