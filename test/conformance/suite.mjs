/** Runs the official suite, against a server's URL or a client's command, and reads what it found. */
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { nodeForSuite, suitePackage } from './install.mjs'

const serverTimeoutMs = 15_000
const clientTimeoutMs = 30_000

/** What the suite does not score, and we demand nevertheless. */
const demandedToo = [
  'server-session-lifecycle',
  'json-schema-2020-12',
  'http-header-validation',
  'http-custom-header-server-validation',
  'json-schema-2020-12-preservation',
]

/** The scenarios of one revision for servers or for clients, in the order of the suite, and whether they must pass. */
export function scenariosOf(requirements, leg) {
  const file = join(suitePackage, 'requirements', `${requirements}.yaml`)
  if (!existsSync(file)) throw new Error(`--requirements ${requirements}: the suite has no such set.`)
  const set = parse(readFileSync(file, 'utf8'))
  const unscored = (set.not_scored ?? []).filter((entry) => entry.leg === leg).map(({ scenario }) => scenario)
  return [
    ...set[leg].map((name) => ({ name, demanded: true })),
    ...unscored.map((name) => ({ name, demanded: demandedToo.includes(name) })),
  ]
}

/** Runs all scenarios for servers of a revision, or one. Resolves to the checks of each, by the scenario's name. */
export async function runServerSuite(processes, folder, { url, requirements, scenario, name }) {
  const which = scenario ? ['--scenario', scenario, '--spec-version', requirements, '--force'] : ['--requirements', requirements]
  const args = ['server', '--url', url, ...which, '--timeout', String(serverTimeoutMs)]
  await runSuite(processes, join(folder, name), args, `suite-${name}`)
  return readResults(join(folder, name), 'server-')
}

/** Runs one scenario for clients with a command that plays the client. Resolves to its checks. */
export async function runClientSuite(processes, folder, { command, requirements, scenario, name }) {
  const args = ['client', '--command', command, '--scenario', scenario, '--spec-version', requirements]
  const results = join(folder, name)
  const code = await runSuite(processes, results, [...args, '--timeout', String(clientTimeoutMs)], `suite-${name}`)
  const checks = readResults(results, '').get(scenario)
  // The suite does not say in its checks that the client itself failed.
  if (checks === undefined || code === 0 || checks.some(({ status }) => status === 'FAILURE')) return checks
  const [said] = readdirSync(results).map((folderName) => readFileSync(join(results, folderName, 'stderr.txt'), 'utf8'))
  return [...checks, { id: 'client-failed', status: 'FAILURE', errorMessage: said.split('\n')[0] }]
}

/** Resolves to the exit code. */
async function runSuite(processes, results, args, name) {
  const suite = [join(suitePackage, 'dist', 'index.js'), ...args, '-o', results]
  const { child, exited } = processes.start(name, nodeForSuite(), suite)
  child.stdout.resume()
  const [[code, signal]] = await Promise.all([exited, once(child.stdout, 'close')])
  if (signal) throw new Error(`The suite was ended by ${signal}.`)
  return code
}

/** The suite writes one folder for each scenario, named after it and the time. */
function readResults(folder, prefix) {
  const checksByScenario = new Map()
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const scenario = /^(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1]
    const file = join(folder, name, 'checks.json')
    // A scenario that broke or ran out of time leaves an empty folder.
    if (!scenario?.startsWith(prefix) || !existsSync(file)) continue
    checksByScenario.set(scenario.slice(prefix.length), JSON.parse(readFileSync(file, 'utf8')))
  }
  return checksByScenario
}
