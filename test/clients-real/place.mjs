/** A home for one client, in which nothing of the person who runs this is found, and the programs that run in it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const programMs = 120_000
const startMs = 20_000
const stopMs = 15_000

export class Place {
  #gateway
  #script

  constructor(folder, script) {
    this.#script = script
    this.home = folder
    mkdirSync(folder, { recursive: true })
    const system = process.platform === 'win32' ? (process.env.PATH ?? '').split(delimiter) : ['/usr/bin', '/bin']
    this.env = {
      HOME: folder,
      USERPROFILE: folder,
      PATH: [dirname(process.execPath), ...system].join(delimiter),
      LANG: 'C.UTF-8',
      NO_COLOR: '1',
      // The clients shall tell nobody of this, nor look for a newer self.
      DISABLE_TELEMETRY: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DO_NOT_TRACK: '1',
    }
  }

  /** The text of a file in the home; undefined is no file. */
  read(path) {
    const whole = join(this.home, path)
    return existsSync(whole) ? readFileSync(whole, 'utf8') : undefined
  }

  /** Runs a program to its end. Resolves to all that it has written; anything but exit code 0 is an error. */
  async run([command, ...args]) {
    const child = spawn(command, args, { cwd: this.home, env: this.env, stdio: ['ignore', 'pipe', 'pipe'], timeout: programMs })
    let written = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        written += text
      })
    }
    const [code, signal] = await once(child, 'close')
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}. It wrote:\n${written}`)
    return written
  }

  mcpGw(...args) {
    return this.run([process.execPath, this.#script, ...args])
  }

  /** Says in the config where the gateway listens, as somebody would whose port is taken. */
  async writeConfig() {
    const port = await freePort()
    this.origin = `http://127.0.0.1:${port}`
    const folder = join(this.home, '.config', 'mcp-gw')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'mcp-gw.yaml'), `# The usual port is taken here.\nlisten: { port: ${port} }\n`)
  }

  async startGateway() {
    const log = openSync(join(this.home, 'serve.log'), 'w')
    const child = spawn(process.execPath, [this.#script, 'serve'], { cwd: this.home, env: this.env, stdio: ['ignore', log, log] })
    this.#gateway = { child, exited: once(child, 'exit') }
    for (const end = Date.now() + startMs; Date.now() < end && child.exitCode === null; await sleep(50)) {
      if (await this.#answers()) return
    }
    throw new Error(`The gateway does not answer. It wrote:\n${this.read('serve.log')}`)
  }

  /** Ends the gateway; an error where another one has been started beside it. */
  async stopGateway() {
    await this.#endOurs()
    if (await this.#answers()) throw new Error(`Another gateway answers at ${this.origin} after ours has ended.`)
  }

  /** Ends what runs here, whatever happened before: also a gateway that a bridge has started. */
  async end() {
    await this.#endOurs()
    if (await this.#answers()) await this.mcpGw('stop')
  }

  async #endOurs() {
    if (!this.#gateway) return
    const { child, exited } = this.#gateway
    this.#gateway = undefined
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
    await exited
    clearTimeout(timer)
  }

  async #answers() {
    if (!this.origin) return false
    // Nobody listens yet, or nobody listens any more.
    const response = await fetch(`${this.origin}/health`).catch(() => undefined)
    await response?.body?.cancel()
    return response?.ok === true
  }
}

/** The program of a server that npm has installed with the project. */
export function serverProgram(name) {
  const manifest = createRequire(import.meta.url).resolve(`@modelcontextprotocol/server-${name}/package.json`)
  return join(dirname(manifest), 'dist', 'index.js')
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
