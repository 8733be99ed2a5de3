/** Measures what a gateway costs before the first call: time to listen, memory while idle, and lists of few and many tools. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './calls.mjs'
import { healthy, openSession, startGateway } from './gateway.mjs'
import { fileHere, memory } from './processes.mjs'

async function bareNodeMs() {
  const started = performance.now()
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
  return performance.now() - started
}

/** Process start until the port accepts, without servers, beside `node -e 0` from start to end, in turn. */
export async function measureStart(times, options) {
  const bare = []
  const listening = []
  let idle
  for (let n = 0; n < times; n++) {
    bare.push(await bareNodeMs())
    const gateway = await startGateway({}, options)
    listening.push(gateway.listeningMs)
    if (n === times - 1) {
      await sleep(1000)
      idle = memory(gateway.pid).rss
    }
    await gateway.end()
  }
  return { listeningMs: median(listening), bareMs: median(bare), idleRss: idle, runs: { listening, bare } }
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

/** The time of tools/list, one after another, from a gateway whose only server has that many tools. */
export async function measureList(load, toolsCount, ms, options) {
  const command = { command: process.execPath, args: [fileHere('echo-stdio.mjs')], env: { ECHO_TOOLS: String(toolsCount) } }
  const gateway = await startGateway({ echo: command }, options)
  try {
    await healthy(gateway)
    const session = await openSession(gateway.port, '/mcp', toolsCount)
    await load(listJob(session, gateway.pid, ms / 4))
    const report = await load(listJob(session, gateway.pid, ms))
    return { ...report, toolsCount, listedCount: session.toolsCount, rss: memory(gateway.pid).rss }
  } finally {
    await gateway.end()
  }
}

/** Memory after the first ten thousand small calls and after a million. */
export async function measureSoak(load, way, callsMax = 1_000_000) {
  const job = {
    ...way,
    method: 'tools/call',
    params: { name: way.tool, arguments: { size: 0.2 } },
    expect: ['text', 0.2],
    connections: 64,
  }
  const first = await load({ ...job, callsMax: 10_000, ms: 600_000 })
  const rssFirst = memory(way.pid).rss
  const rest = await load({ ...job, callsMax, ms: 600_000 })
  const failures = first.failures + rest.failures
  return {
    calls: first.calls + rest.calls,
    rssFirst,
    rssLast: memory(way.pid).rss,
    failures,
    failure: first.failure ?? rest.failure,
  }
}
