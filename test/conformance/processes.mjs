/** Starts what the suite talks to, the reference server and the gateway, and ends both. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const project = join(import.meta.dirname, '..', '..')
const referenceServer = join(project, 'test', 'reference', 'server.mjs')
const startMs = 20_000
const stopMs = 8_000
const logLines = 30

/** Keeps the children of this run. `folder` receives what each of them writes. */
export function createProcesses(folder) {
  const children = new Set()

  function start(name, command, args, env = {}) {
    const log = join(folder, `${name}.log`)
    const stderr = openSync(log, 'w')
    const child = spawn(command, args, { cwd: project, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', stderr] })
    const entry = { name, child, log, exited: once(child, 'exit') }
    children.add(entry)
    entry.exited.then(
      () => children.delete(entry),
      () => children.delete(entry),
    )
    return entry
  }

  /** Ends every child, politely at first. Resolves to the names of those that had to be killed. */
  async function stop() {
    const killed = []
    const stopOne = async ({ name, child, exited }) => {
      child.kill('SIGTERM')
      const ended = await Promise.race([exited.then(() => true), sleep(stopMs, false, { ref: false })])
      if (ended) return
      killed.push(name)
      child.kill('SIGKILL')
      await exited
    }
    await Promise.all([...children].map(stopOne))
    return killed
  }

  return { start, stop }
}

/** The entry of a server's config that starts the reference server as the gateway's child. */
export const referenceOverStdio = { command: process.execPath, args: [referenceServer, '--stdio'] }

/** Starts the reference server over HTTP. Resolves to its endpoint. */
export async function startReference(processes, name) {
  const entry = processes.start(name, process.execPath, [referenceServer, '--http'])
  const [line] = await orThrow(entry, once(entry.child.stdout, 'data'))
  const url = /^listening (\S+)/.exec(String(line))?.[1]
  if (url === undefined) throw new Error(`The reference server said ${String(line)} instead of where it listens.`)
  return url
}

/** Starts a gateway in front of these servers, with `folder` as its home. Resolves to its origin. */
export async function startGateway(processes, folder, servers) {
  const port = await freePort()
  const config = join(folder, 'mcp-gw.yaml')
  writeFileSync(config, JSON.stringify({ listen: { host: '127.0.0.1', port }, servers }, null, 2))
  const args = [join(project, 'bin', 'mcp-gw.js'), 'serve', '--config', config]
  const entry = processes.start('gateway', process.execPath, args, homeIn(folder))
  entry.child.stdout.resume()
  const origin = `http://127.0.0.1:${port}`
  await orThrow(entry, healthy(origin, entry.child))
  return origin
}

/** So that nothing of the user's takes part, and nothing is left behind. */
function homeIn(folder) {
  const names = ['HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR']
  return Object.fromEntries(names.map((name) => [name, folder]))
}

async function healthy(origin, child) {
  while (child.exitCode === null && child.signalCode === null) {
    // Nobody listens yet: that is what we wait for.
    const response = await fetch(`${origin}/health`).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
    await sleep(50)
  }
}

/** What `ready` resolves to, or an error that shows why the process did not get there. */
async function orThrow({ name, child, log, exited }, ready) {
  const failed = exited.then(([code, signal]) => `ended with ${signal ?? code}`)
  const late = sleep(startMs, `was not ready after ${startMs / 1000} s`, { ref: false })
  const outcome = await Promise.race([Promise.resolve(ready).then((value) => ({ value })), failed, late])
  if (typeof outcome !== 'string') return outcome.value
  const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-logLines).join('\n')
  throw new Error(`The ${name} (${child.spawnargs.join(' ')}) ${outcome}. It wrote:\n${tail}`)
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
