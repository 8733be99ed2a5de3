/** `npm run test:conformance`: the official suite through the gateway in every combination of eras, as a client and as a server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { install } from './install.mjs'
import { clientLeg, serverLeg } from './legs.mjs'
import { createProcesses } from './processes.mjs'
import { report } from './report.mjs'
import { judge, readExpected } from './verdict.mjs'
import { revisions } from './ways.mjs'

const { values: options } = parseArgs({
  options: {
    server: { type: 'boolean', default: false },
    client: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    scenario: { type: 'string' },
    requirements: { type: 'string', multiple: true, default: revisions },
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
  install()
  const legs = [serverLeg, clientLeg].filter(({ name }) => options[name] || !(options.server || options.client))
  checkOnly(legs)
  let played = false
  // One after the other: each waits for answers within half a second, which a busy machine does not give.
  for (const leg of legs) played = (await play(leg)) || played
  if (!played) throw new Error(`--scenario ${options.scenario}: no revision has such a scenario.`)
}

/** Runs one leg and prints its tables. Resolves to whether there was anything to run. */
async function play(leg) {
  const ways = Object.keys(leg.ways).filter((way) => options.only?.includes(way) ?? true)
  const sets = setsWith(leg, options.scenario)
  if (ways.length === 0 || sets.length === 0) return false
  const checks = await leg.run({ processes, folder, ways, sets, only: options.scenario })
  for (const { requirements, scenarios } of sets) {
    const checksByWay = Object.fromEntries(ways.map((way) => [way, checks[way][requirements]]))
    const rows = judge({ scenarios, checksByWay, expected: readExpected(), requirements })
    report(rows, ways, `${leg.title} ${requirements}`)
    if (rows.some(({ problems }) => problems.some(({ fatal }) => fatal))) process.exitCode = 1
  }
  return true
}

function checkOnly(legs) {
  const known = legs.flatMap(({ ways }) => Object.keys(ways))
  const unknown = options.only?.find((way) => !known.includes(way))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: say ${known.join(', ')}.`)
}

/** The chosen sets of requirements that have the chosen scenario. */
function setsWith(leg, scenario) {
  return options.requirements
    .map((requirements) => {
      const scenarios = leg.scenariosOf(requirements).filter(({ name }) => scenario === undefined || name === scenario)
      return { requirements, scenarios }
    })
    .filter(({ scenarios }) => scenarios.length > 0)
}
