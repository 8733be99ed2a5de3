/** Tries the package as a user gets it: packs it, installs the tarball in an empty folder, and runs it there. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const PACKED_BYTES_MAX = 1_048_576
const LISTEN_MS_MAX = 20_000
const STOP_MS_MAX = 15_000

const run = promisify(execFile)
const top = fileURLToPath(new URL('../..', import.meta.url))
const { version } = JSON.parse(await readFile(join(top, 'package.json'), 'utf8'))
const folder = await mkdtemp(join(tmpdir(), 'mcp-gw-pack-'))

try {
  const tarball = await pack()
  await install(tarball)
  await tryCommands()
  await tryServe()
  console.log('pack:check: the package works')
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function pack() {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: top })
  // What `prepack` prints may stand before the JSON.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n')))
  const tarball = join(folder, packed.filename)
  const { size } = await stat(tarball)
  console.log(`packed: ${kilobytes(size)} in ${packed.entryCount} files, ${kilobytes(packed.unpackedSize)} unpacked`)
  assert.ok(
    size <= PACKED_BYTES_MAX,
    `the package is ${kilobytes(size)}, and ${kilobytes(PACKED_BYTES_MAX)} is the end; see "files" in package.json`,
  )
  return tarball
}

async function install(tarball) {
  const started = Date.now()
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
  await run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', tarball], { cwd: folder })
  const { stdout } = await run('du', ['-sk', 'node_modules'], { cwd: folder })
  console.log(`installed: ${Math.round(Number.parseInt(stdout, 10) / 1024)} MB of node_modules in ${Date.now() - started} ms`)
}

async function tryCommands() {
  const shown = await run('npx', ['--no', '--', 'mcp-gw', '--version'], { cwd: folder })
  assert.equal(shown.stdout.trim(), version)
  const help = await run('npx', ['--no', '--', 'mcp-gw', '--help'], { cwd: folder })
  assert.match(help.stdout, /\bserve\b/)
  console.log(`ran: mcp-gw --version says ${version}, mcp-gw --help names its commands`)
}

async function tryServe() {
  const server = join(folder, 'tiny.mjs')
  const config = join(folder, 'mcp-gw.yaml')
  await copyFile(join(top, 'test/fixtures/tiny.mjs'), server)
  await writeFile(
    config,
    `listen: { port: 0 }\nservers:\n  tiny:\n    command: ${JSON.stringify(process.execPath)}\n    args: [${JSON.stringify(server)}]\n`,
  )
  const started = Date.now()
  const gateway = spawn(join(folder, 'node_modules/.bin/mcp-gw'), ['serve', '--config', config], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const ended = new Promise((resolve) => gateway.once('exit', (code, signal) => resolve(signal ?? code)))
  try {
    const url = await listening(gateway)
    console.log(`served: ${url} after ${Date.now() - started} ms`)
    await tryHealth(url)
    await tryCall(url)
  } finally {
    gateway.kill('SIGTERM')
  }
  assert.equal(await within(STOP_MS_MAX, ended, 'the gateway did not end after SIGTERM', () => gateway.kill('SIGKILL')), 0)
  console.log('stopped: with exit code 0 after SIGTERM')
}

/** The url of the JSON log line that says that the gateway listens. */
function listening(gateway) {
  const said = []
  const found = new Promise((resolve, reject) => {
    createInterface({ input: gateway.stderr }).on('line', (line) => {
      said.push(line)
      const url = /"url":"(http:[^"]+)"/.exec(line)?.[1]
      if (url && line.includes('listening')) resolve(url)
    })
    gateway.once('error', reject)
    gateway.once('exit', (code) => reject(new Error(`mcp-gw serve ended with ${code} and said:\n${said.join('\n')}`)))
  })
  return within(LISTEN_MS_MAX, found, () => `mcp-gw serve did not listen; it said:\n${said.join('\n')}`)
}

async function tryHealth(url) {
  const response = await fetch(new URL('/health', url))
  assert.equal(response.status, 200)
  const health = await response.text()
  assert.match(health, /"tiny"/)
  console.log(`health: ${health.replace(/\s+/g, ' ').slice(0, 300)}`)
}

async function tryCall(url) {
  const post = (message, headers = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    })
  const clientInfo = { name: 'pack-check', version: '1.0.0' }
  const opened = await post({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
  })
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') }
  await opened.text()
  await post({ method: 'notifications/initialized' }, session)
  const called = await post({ id: 2, method: 'tools/call', params: { name: 'tiny__hello', arguments: {} } }, session)
  assert.match(await called.text(), /"text":"hello"/)
  console.log('called: tiny__hello answers hello')
}

async function within(ms, promise, message, otherwise) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      otherwise?.()
      reject(new Error(typeof message === 'string' ? message : message()))
    }, ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

function kilobytes(bytes) {
  return `${Math.round(bytes / 1024)} KB`
}
