/** Measures what a gateway costs before the first call: time to listen, memory while idle, and lists of few and many tools. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './calls.mjs'
import { healthy, openSession, startGateway } from './gateway.mjs'
import { cpuMicros, descendants, fileHere, memory, startEcho, stop } from './processes.mjs'

async function bareNodeMs() {
  const started = performance.now()
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
  return performance.now() - started
}

/** How long a first start may take to keep what makes the next ones faster. */
const KEPT_MS = 5_000

/**
 * Process start until the port accepts, without servers, beside `node -e 0` from start to end, in turn: the first start on a
 * machine, and a later one.
 */
export async function measureStart(times, options) {
  const home = mkdtempSync(join(tmpdir(), 'mcp-gw-bench-'))
  const runs = { bare: [], first: [], listening: [] }
  try {
    await settle(home, options)
    for (let n = 0; n < times; n++) {
      runs.bare.push(await bareNodeMs())
      runs.first.push((await startAndEnd(options)).listeningMs)
      runs.listening.push((await startAndEnd({ ...options, home })).listeningMs)
    }
    const { rss } = await startAndEnd({ ...options, home }, 1000)
    return { listeningMs: median(runs.listening), firstMs: median(runs.first), bareMs: median(runs.bare), idleRss: rss, runs }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function startAndEnd(options, idleMs = 0) {
  const gateway = await startGateway({}, options)
  if (idleMs > 0) await sleep(idleMs)
  const { rss } = memory(gateway.pid)
  await gateway.end()
  return { listeningMs: gateway.listeningMs, rss }
}

/** A first start, which lasts until its compiled code is kept. */
async function settle(home, options) {
  const gateway = await startGateway({}, { ...options, home })
  await codeKept(home)
  await gateway.end()
}

/** Another gateway may keep nothing. */
async function codeKept(home) {
  const end = performance.now() + KEPT_MS
  const kept = () => readdirSync(home, { recursive: true }).some((name) => name.endsWith('.code'))
  while (!kept() && performance.now() < end) await sleep(50)
}

const SLEEPERS = 30
const TOOLS_EACH = 10

/** Thirty servers of ten tools each, known from an earlier run: process start until tools/list is answered, and what runs then. */
export async function measureSleepers(times, options) {
  const home = mkdtempSync(join(tmpdir(), 'mcp-gw-bench-'))
  const env = { ECHO_TOOLS: String(TOOLS_EACH) }
  const one = (n) => [`server${n}`, { command: process.execPath, args: [fileHere('echo-stdio.mjs'), String(n)], env }]
  const servers = Object.fromEntries(Array.from({ length: SLEEPERS }, (_, n) => one(n)))
  try {
    await learn(servers, home, options)
    const runs = []
    for (let n = 0; n < times; n++) {
      const bareMs = await bareNodeMs()
      runs.push({ bareMs, ...(await restartWith(servers, { ...options, home }, n === times - 1)) })
    }
    const { children, rss } = runs.at(-1)
    const keys = ['bareMs', 'answeredMs', 'listeningMs', 'cpuMs']
    return { ...Object.fromEntries(keys.map((key) => [key, median(runs.map((run) => run[key]))])), children, rss, runs }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function learn(servers, home, options) {
  const gateway = await startGateway(servers, { ...options, home })
  await healthy(gateway, 60_000)
  const known = () => readdirSync(home, { recursive: true }).filter((name) => /snapshots.*\.json$/.test(name)).length
  while (known() < SLEEPERS) await sleep(50)
  await codeKept(home)
  await gateway.end()
}

async function restartWith(servers, options, last) {
  const gateway = await startGateway(servers, options)
  await openSession(gateway.port, '/mcp', 1)
  const answeredMs = performance.now() - gateway.started
  const cpuMs = cpuMicros(gateway.pid) / 1000
  if (last) await sleep(1000)
  const below = descendants(gateway.pid)
  const rss = [gateway.pid, ...below].reduce((sum, pid) => sum + memory(pid).rss, 0)
  await gateway.end()
  return { answeredMs, listeningMs: gateway.listeningMs, cpuMs, children: below.length, rss }
}

const listJob = (session, pid, ms) => ({
  ...session,
  pid,
  method: 'tools/list',
  params: {},
  expect: ['tools', session.toolsCount],
  connections: 1,
  callsMax: Number.MAX_SAFE_INTEGER,
  ms,
})

async function timeList(load, { port, pid }, toolsCount, ms) {
  const session = await openSession(port, '/mcp', toolsCount)
  await load(listJob(session, pid, ms / 4))
  return load(listJob(session, pid, ms))
}

/** The time of tools/list, one after another, with that many tools: from an echo server directly, then through a gateway. */
export async function measureList(load, toolsCount, ms, options) {
  const env = { ECHO_TOOLS: String(toolsCount) }
  const echo = await startEcho(env)
  const servers = { echo: { command: process.execPath, args: [fileHere('echo-stdio.mjs')], env } }
  const gateway = await startGateway(servers, { ...options, keys: { surface: { mode: 'direct' } } })
  try {
    const direct = await timeList(load, { port: echo.port, pid: echo.child.pid }, toolsCount, ms)
    await healthy(gateway)
    const through = await timeList(load, gateway, toolsCount, ms)
    return { ...through, toolsCount, direct, rss: memory(gateway.pid).rss }
  } finally {
    await Promise.all([gateway.end(), stop(echo.child)])
  }
}

/** Memory after ten thousand small calls, after a hundred thousand, and after a million. */
export async function measureSoak(load, way) {
  const params = { name: way.tool, arguments: { size: 0.2 } }
  const job = { ...way, method: 'tools/call', params, expect: ['text', 0.2], connections: 64, ms: 600_000 }
  const steps = []
  for (const callsMax of [10_000, 90_000, 900_000]) {
    const { calls, failures, failure } = await load({ ...job, callsMax })
    steps.push({ calls, failures, failure, rss: memory(way.pid).rss })
  }
  return {
    calls: steps.reduce((sum, { calls }) => sum + calls, 0),
    rss: steps.map(({ rss }) => rss),
    failures: steps.reduce((sum, { failures }) => sum + failures, 0),
    failure: steps.find(({ failure }) => failure)?.failure,
  }
}
