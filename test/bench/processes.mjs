/** Starts the processes of the bench, ends them, and reads what the system knows of their CPU time and memory. */
import { execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url))

const tickMicros = 1_000_000 / clockTicks()

function clockTicks() {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) || 100
  } catch {
    return 100
  }
}

/** User and system time of a process without its children, in µs; undefined where the system has no /proc. */
export function cpuMicros(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tickMicros
  } catch {
    return undefined
  }
}

/** Resident memory now and at its highest, in MB; nulls where the system has no /proc. */
export function memory(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const megabytes = (key) => (Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)[1]) * 1024) / 1e6
    return { rss: megabytes('VmRSS'), peak: megabytes('VmHWM') }
  } catch {
    return { rss: null, peak: null }
  }
}

/** The processes that a process has started, and those that these have started; none where the system has no /proc. */
export function descendants(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number)
    return children.flatMap((child) => [child, ...descendants(child)])
  } catch {
    return []
  }
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

const living = new Set()
// Whatever ends the bench, nothing it started goes on.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

/** Starts a program whose output is kept, the last 4,000 characters of it, for the message if it fails. */
export function start(args, { env, cwd, stdout = 'pipe' } = {}) {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, cwd, stdio: ['ignore', stdout, 'pipe'] })
  living.add(child)
  child.once('exit', () => living.delete(child))
  child.tail = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      child.tail = (child.tail + text).slice(-4000)
    })
  }
  return child
}

/** Asks a process to end, and ends it when it has not in five seconds. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const patience = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exited
  clearTimeout(patience)
}

/** Starts the echo server over HTTP and says where it listens. */
export async function startEcho(env = {}) {
  const child = start([fileHere('echo-http.mjs')], { env })
  while (!child.tail.includes('\n')) {
    if (child.exitCode !== null) throw new Error(`the echo server ended: ${child.tail}`)
    await sleep(5)
  }
  return { child, port: Number(child.tail) }
}

/** Starts the load generator; `load(job)` runs one job in it. */
export function startLoad() {
  const child = fork(fileHere('load.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  living.add(child)
  const load = (job) =>
    new Promise((resolve, reject) => {
      const ended = () => reject(new Error('the load generator ended'))
      child.once('exit', ended)
      child.once('message', (report) => {
        child.off('exit', ended)
        resolve(report)
      })
      child.send(job)
    })
  return { child, load }
}

/** Resolves as soon as somebody accepts connections at the port. */
export async function listening(port, child, msMax = 30_000) {
  const deadline = performance.now() + msMax
  for (;;) {
    const accepted = await new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (accepted) return
    if (child.exitCode !== null) throw new Error(`the gateway ended with code ${child.exitCode}:\n${child.tail}`)
    if (performance.now() > deadline) throw new Error(`the gateway does not listen after ${msMax / 1000} s:\n${child.tail}`)
    await sleep(1)
  }
}
