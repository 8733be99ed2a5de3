/** `npm run bench`: what the gateway costs a call, over real sockets, as ratios to the direct way in the same run. */
import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, platform } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { cellsFor, measureCell } from './calls.mjs'
import { measureEras, measureListeners } from './eras.mjs'
import { healthy, openSession, startGateway } from './gateway.mjs'
import { fileHere, startEcho, startLoad, stop } from './processes.mjs'
import { report } from './report.mjs'
import { sizes } from './results.mjs'
import { measureList, measureSleepers, measureSoak, measureStart } from './start-up.mjs'
import { judge } from './targets.mjs'

const usage = `npm run bench -- [options]
  --quick             under a minute, for a first impression (default: under five)
  --soak              also a million calls, and the memory before and after
  --sizes 0.2,100     only these sizes, in KB, of ${sizes.join(', ')}
  --connections 1,64  only these numbers of connections
  --only PART         only calls, start (start-up, memory and lists), eras or listeners
  --json FILE         all numbers, of every round
  --markdown          tables for the README
  --bin FILE          another gateway that takes: serve --config FILE
  --profile FOLDER    CPU profiles of the gateway, for Chrome's or VS Code's viewer`

const paces = {
  quick: { rounds: 3, ms: 250, warmMs: 100, jitMs: 700, starts: 5, listMs: 400 },
  full: { rounds: 5, ms: 900, warmMs: 250, jitMs: 2000, starts: 11, listMs: 1500 },
}

/** What a first impression does without. */
const slowParts = ['listeners']

const say = (text) => process.stderr.write(`${text}\n`)
const numbersOf = (text) => text.split(',').map(Number)

/** The three ways to the same tool. The direct one comes first: the others are divided by it. */
async function openWays(echo, gateway) {
  const direct = await openSession(echo.port, '/mcp', 1)
  const through = await openSession(gateway.port, '/mcp', 2)
  return [
    { name: 'direct', ...direct, tool: 'echo', pid: echo.child.pid },
    { name: 'stdio', ...through, tool: 'echo__echo', pid: gateway.pid },
    { name: 'http', ...through, tool: 'echohttp__echo', pid: gateway.pid },
  ]
}

/** The hot functions are compiled before anything is measured, on every way and at a moderate number of connections. */
async function warmUp(load, ways, ms) {
  const cell = { connections: 16, size: 0.2, fresh: false }
  for (let n = 0; n < 2; n++) await measureCell(load, ways, cell, { rounds: 1, ms: ms / 2, warmMs: 50 })
}

async function measureCalls(load, echo, options, pace, chosen) {
  // In the era of the client, as the direct way is: what it costs to change eras is measured by itself.
  const protocol = 'session'
  const servers = {
    echo: { command: process.execPath, args: [fileHere('echo-stdio.mjs')], protocol },
    echohttp: { url: `http://127.0.0.1:${echo.port}/mcp`, protocol },
  }
  const gateway = await startGateway(servers, options)
  try {
    await healthy(gateway)
    const ways = await openWays(echo, gateway)
    const soak = chosen.soak ? await measureSoak(load, ways[1]) : undefined
    await warmUp(load, ways, pace.jitMs)
    const cells = []
    for (const cell of cellsFor(chosen)) {
      say(`  ${cell.size} KB${cell.fresh ? ' written anew' : ''}, ${cell.connections} connections`)
      cells.push(await measureCell(load, ways, cell, pace))
    }
    return { cells, soak }
  } catch (error) {
    error.message += gateway.child.tail && `\nthe gateway said:\n${gateway.child.tail}`
    throw error
  } finally {
    await gateway.end()
  }
}

async function measure(options, pace, chosen) {
  const machine = { node: process.versions.node, platform: platform(), cpus: availableParallelism(), load: loadavg()[0] }
  const numbers = { machine, pace, cells: [] }
  const echo = await startEcho()
  const { child, load } = startLoad()
  try {
    if (chosen.wants('start')) {
      say('start-up')
      numbers.start = await measureStart(pace.starts, options)
      say('servers that sleep')
      numbers.sleepers = await measureSleepers(pace.starts, options)
      say('lists')
      numbers.lists = [await measureList(load, 2, pace.listMs, options), await measureList(load, 10_000, pace.listMs, options)]
    }
    if (chosen.wants('eras')) {
      say('eras')
      numbers.eras = await measureEras(load, pace, options)
    }
    if (chosen.wants('listeners')) {
      say('streams that listen')
      numbers.listeners = await measureListeners(options)
    }
    if (chosen.wants('calls')) {
      say('calls')
      Object.assign(numbers, await measureCalls(load, echo, options, pace, chosen))
    }
    return numbers
  } finally {
    child.disconnect()
    await Promise.all([stop(child), stop(echo.child)])
  }
}

/** Failed requests in any round; a slow one is no failure. */
function failuresOf({ cells, eras = [], lists = [], soak }) {
  const all = [...[...cells, ...eras].flatMap(({ ways }) => Object.values(ways)), ...lists, ...(soak ? [soak] : [])]
  return all.filter(({ failures }) => failures > 0)
}

async function main() {
  const flag = { type: 'boolean', default: false }
  const text = { type: 'string' }
  const { values } = parseArgs({
    options: {
      quick: flag,
      soak: flag,
      markdown: flag,
      help: flag,
      sizes: text,
      connections: text,
      only: text,
      json: text,
      bin: text,
      profile: text,
    },
  })
  if (values.help) return console.log(usage)
  const options = {
    ...(values.bin && { bin: resolve(values.bin) }),
    ...(values.profile && { nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${resolve(values.profile)}`] }),
  }
  const chosen = {
    connections: values.connections ? numbersOf(values.connections) : [1, 16, 64],
    chosenSizes: values.sizes ? numbersOf(values.sizes) : sizes,
    wants: (part) => (values.only === undefined ? !(values.quick && slowParts.includes(part)) : values.only === part),
    soak: values.soak,
  }
  const numbers = await measure(options, values.quick ? paces.quick : paces.full, chosen)
  const judged = judge(numbers)
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ ...numbers, targets: judged }, null, 2)}\n`)
  console.log(report(numbers, judged, values.markdown ? 'markdown' : 'plain'))
  const failed = failuresOf(numbers)
  for (const { failures, failure } of failed) say(`${failures} requests failed; the first: ${failure}`)
  if (failed.length > 0) process.exitCode = 1
}

main().catch((error) => {
  say(`The bench stopped: ${error.message}`)
  process.exit(1)
})
