/** The two legs of the suite: the gateway as a server, and the gateway as a client. Each gives the checks of every way it goes. */
import { join } from 'node:path'
import { scenarios as played } from '../reference/client-scenarios.mjs'
import { statelessRequest } from '../reference/stateless-request.mjs'
import { startGateway, startReference } from './processes.mjs'
import { runClientSuite, runServerSuite, scenariosOf } from './suite.mjs'
import { openWays, waysOfClients, waysOfServers } from './ways.mjs'

/** How many suites run at a time: each is a process that waits for most of its time. */
const suitesAtOnce = 2

const clientProgram = join(import.meta.dirname, '..', 'reference', 'client.mjs')

/** The suite as a client of the gateway, on every way to a reference server. */
export const serverLeg = {
  name: 'server',
  title: 'as a server of',
  ways: waysOfServers,
  scenariosOf: (requirements) => scenariosOf(requirements, 'server'),
  async run({ processes, folder, ways, sets, only }) {
    const urls = await openWays(ways, {
      startReference: (name) => startReference(processes, name),
      startGateway: (servers) => startGateway(processes, folder, servers),
    })
    const checks = Object.fromEntries(ways.map((way) => [way, {}]))
    // The ways side by side, the sets of a way one after the other, because they change the same lists.
    await inLanes(ways, async (way) => {
      for (const { requirements } of sets) {
        if (requirements === '2026-07-28') await warmUp(urls[way])
        const about = { url: urls[way], requirements, scenario: only, name: `${way}-${requirements}` }
        checks[way][requirements] = await runServerSuite(processes, folder, about)
      }
    })
    return checks
  },
}

/** The suite as the only server of the gateway, which a client of each era drives. What it wants of a login is not played yet. */
export const clientLeg = {
  name: 'client',
  title: 'as a client of',
  ways: waysOfClients,
  scenariosOf: (requirements) => scenariosOf(requirements, 'client').filter(({ name }) => Object.hasOwn(played, name)),
  async run({ processes, folder, ways, sets }) {
    const checks = Object.fromEntries(ways.map((way) => [way, {}]))
    const jobs = ways.flatMap((way) =>
      sets.flatMap(({ requirements, scenarios }) => {
        checks[way][requirements] = new Map()
        return scenarios.map(({ name }) => ({ way, requirements, scenario: name }))
      }),
    )
    await inLanes(jobs, async ({ way, requirements, scenario }) => {
      const command = [process.execPath, clientProgram, waysOfClients[way]].map((part) => JSON.stringify(part)).join(' ')
      const about = { command, requirements, scenario, name: `client-${way}-${requirements}-${scenario}` }
      checks[way][requirements].set(scenario, await runClientSuite(processes, folder, about))
    })
    return checks
  },
}

/** The client that the suite says it is. */
const suiteInfo = { name: 'conformance-client', version: '1.0.0' }

/**
 * One scenario waits half a second for the answer to a question of a server. A server that asks gets a process for each client,
 * which may take longer to start, so it is started before.
 */
async function warmUp(url) {
  const params = { name: 'test_simple_text', arguments: {} }
  await statelessRequest(url, { method: 'tools/call', params, capabilities: { elicitation: {} }, info: suiteInfo })
}

async function inLanes(jobs, run) {
  const waiting = [...jobs]
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await run(job)
  }
  await Promise.all(Array.from({ length: suitesAtOnce }, lane))
}
