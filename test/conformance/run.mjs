/** `npm run test:conformance`: the official suite against our reference server, directly and through the gateway. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { install } from './install.mjs'
import { createProcesses, startGateway, startReference } from './processes.mjs'
import { report } from './report.mjs'
import { runSuite, scenariosOf } from './suite.mjs'
import { judge, readExpected } from './verdict.mjs'

const allWays = ['direct', 'stdio', 'http']

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    scenario: { type: 'string' },
    requirements: { type: 'string', default: '2025-11-25' },
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
  const { only, requirements, scenario } = options
  const unknown = only?.find((way) => !allWays.includes(way))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: say direct, stdio or http.`)
  install()
  const scenarios = scenariosOf(requirements).filter(({ name }) => scenario === undefined || name === scenario)
  if (scenarios.length === 0) throw new Error(`--scenario ${scenario}: ${requirements} has no such scenario for servers.`)
  const ways = allWays.filter((way) => only?.includes(way) ?? true)
  const urls = await start(ways)
  const checksByWay = {}
  for (const way of ways) {
    checksByWay[way] = await runSuite(processes, { url: urls[way], requirements, scenario, folder, way })
  }
  const rows = judge({ scenarios, checksByWay, expected: readExpected(), requirements })
  report(rows, ways, requirements)
  if (rows.some(({ problems }) => problems.some(({ fatal }) => fatal))) process.exitCode = 1
}

async function start(ways) {
  const direct = await startReference(processes)
  if (ways.every((way) => way === 'direct')) return { direct }
  const origin = await startGateway(processes, folder, direct)
  return { direct, stdio: `${origin}/mcp/ref-stdio`, http: `${origin}/mcp/ref-http` }
}
