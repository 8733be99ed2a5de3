/** Runs the official suite against one URL and reads what it found. */
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { nodeForSuite, suitePackage } from './install.mjs'

const scenarioTimeoutMs = 15_000

/** The scenarios for servers of one revision, in the order of the suite, and whether they are scored. */
export function scenariosOf(requirements) {
  const file = join(suitePackage, 'requirements', `${requirements}.yaml`)
  if (!existsSync(file)) throw new Error(`--requirements ${requirements}: the suite has no such set.`)
  const set = parse(readFileSync(file, 'utf8'))
  const unscored = (set.not_scored ?? []).filter(({ leg }) => leg === 'server')
  return [
    ...set.server.map((name) => ({ name, scored: true })),
    ...unscored.map(({ scenario }) => ({ name: scenario, scored: false })),
  ]
}

/** Runs all scenarios of a revision, or one. Resolves to the checks of each, by the scenario's name. */
export async function runSuite(processes, { url, requirements, scenario, folder, way }) {
  const results = join(folder, way)
  const which = scenario ? ['--scenario', scenario, '--spec-version', requirements, '--force'] : ['--requirements', requirements]
  const args = ['server', '--url', url, ...which, '--timeout', String(scenarioTimeoutMs), '-o', results]
  const { child, exited } = processes.start(`suite-${way}`, nodeForSuite(), [join(suitePackage, 'dist', 'index.js'), ...args])
  child.stdout.resume()
  const [[, signal]] = await Promise.all([exited, once(child.stdout, 'close')])
  if (signal) throw new Error(`The suite was ended by ${signal}.`)
  return readResults(results)
}

/** The suite writes one folder for each scenario, named after it and the time. */
function readResults(folder) {
  const checksByScenario = new Map()
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1]
    const file = join(folder, name, 'checks.json')
    // A scenario that broke or ran out of time leaves an empty folder.
    if (scenario !== undefined && existsSync(file)) checksByScenario.set(scenario, JSON.parse(readFileSync(file, 'utf8')))
  }
  return checksByScenario
}
