/** `npm run test:conformance`: the official suite against our reference server, directly and through the gateway in every combination of eras. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { install } from './install.mjs'
import { createProcesses, startGateway, startReference } from './processes.mjs'
import { report } from './report.mjs'
import { runServerSuite, scenariosOf } from './suite.mjs'
import { judge, readExpected } from './verdict.mjs'
import { allWays, openWays, revisionsByDefault } from './ways.mjs'

/** How many suites run at a time: each is a process that waits for most of its time. */
const suitesAtOnce = 2

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    scenario: { type: 'string' },
    requirements: { type: 'string', multiple: true, default: revisionsByDefault },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'mcp-gw-conformance-'))
const processes = createProcesses(folder)
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await processes.stop()
    process.exit(130)
  })
}

try {
  await main()
} catch (error) {
  process.exitCode = 1
  console.log(error.message)
} finally {
  for (const name of await processes.stop()) {
    process.exitCode = 1
    console.log(`The ${name} did not end on SIGTERM and was killed.`)
  }
  if (process.exitCode) console.log(`What the processes wrote is in ${folder}.`)
  else rmSync(folder, { recursive: true })
}

async function main() {
  const { only, scenario } = options
  const unknown = only?.find((way) => !allWays.includes(way))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: say ${allWays.join(', ')}.`)
  install()
  const sets = setsWith(scenario)
  if (sets.length === 0) throw new Error(`--scenario ${scenario}: no revision has such a scenario for servers.`)
  const ways = allWays.filter((way) => only?.includes(way) ?? true)
  const urls = await openWays(ways, {
    startReference: (name) => startReference(processes, name),
    startGateway: (servers) => startGateway(processes, folder, servers),
  })
  const checks = await runAll(ways, sets, urls)
  for (const { requirements, scenarios } of sets) {
    const checksByWay = Object.fromEntries(ways.map((way) => [way, checks[way][requirements]]))
    const rows = judge({ scenarios, checksByWay, expected: readExpected(), requirements })
    report(rows, ways, requirements)
    if (rows.some(({ problems }) => problems.some(({ fatal }) => fatal))) process.exitCode = 1
  }
}

/** The chosen sets of requirements that have the chosen scenario. */
function setsWith(scenario) {
  return options.requirements
    .map((requirements) => {
      const scenarios = scenariosOf(requirements, 'server').filter(({ name }) => scenario === undefined || name === scenario)
      return { requirements, scenarios }
    })
    .filter(({ scenarios }) => scenarios.length > 0)
}

/** Runs every set on every way: the ways side by side, the sets of a way one after the other, because they change the same lists. */
async function runAll(ways, sets, urls) {
  const checks = {}
  const waiting = [...ways]
  const lane = async () => {
    for (let way = waiting.shift(); way !== undefined; way = waiting.shift()) {
      checks[way] = {}
      for (const { requirements } of sets) {
        const about = { url: urls[way], requirements, scenario: options.scenario, name: `${way}-${requirements}` }
        checks[way][requirements] = await runServerSuite(processes, folder, about)
      }
    }
  }
  await Promise.all(Array.from({ length: suitesAtOnce }, lane))
  return checks
}
