/** However often the gateway is restarted, and in whatever order its servers stand in the config, its lists are the same bytes. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Random } from '../chaos/random.ts'
import { fixtureServer, Gateway, packageServer, temporaryFolder } from '../support/gateway.ts'
import { InProcess } from '../support/in-process.ts'
import { RawSession } from '../support/raw-http.ts'

const odd = (...flags: string[]) => fixtureServer('misbehaving.mjs', ...flags)

/** Servers that get in each other's way: by equal URIs, by names that become equal, by names that are too long. */
const SERVERS: [string, object][] = [
  ['everything', packageServer('everything')],
  ['again', packageServer('everything')],
  ['memory', packageServer('memory')],
  ['odd', odd('--odd-names')],
  ['odd-names', odd('--odd-names')],
  ['odd_names', odd('--odd-names')],
  ['many', odd('--tools', '60', '--page-size', '7')],
  ['a-name-that-leaves-hardly-any-room-for-a-tool', odd()],
  ['recording', fixtureServer('recording.mjs', '--name', 'recording')],
  ['B', fixtureServer('tiny.mjs')],
  ['a', fixtureServer('tiny.mjs')],
  ['10', fixtureServer('tiny.mjs')],
  ['9', fixtureServer('tiny.mjs')],
]
const METHODS = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']
const SEED = 20_260_801

const folder = temporaryFolder()
const state = join(folder.path, 'state')
afterAll(() => folder.remove())

let first: string[]

const surface = (mode: string) => ({ mode, pin: ['memory__*'] })

/** The lists of a gateway that is made, asked and ended. */
async function lists(servers: [string, object][], mode = 'direct'): Promise<string[]> {
  const gateway = new InProcess({ servers: Object.fromEntries(servers), surface: surface(mode) }, join(state, 'mcp-gw'))
  await gateway.engine.start()
  await gateway.open()
  const found: string[] = []
  for (const method of METHODS) found.push(bytes(await gateway.request(method)))
  await gateway.close()
  return found
}

const bytes = (answer: string): string => answer.replace(/"id":\d+/, '"id":0')

beforeAll(async () => {
  // Once with everything running, so that the rest is remembered.
  first = await lists(SERVERS)
}, 60_000)

it('a thousand restarts in a shuffled order give the same lists, to the byte', { timeout: 120_000 }, async () => {
  const random = new Random(SEED)
  const search = await lists(SERVERS, 'search')
  expect(first[0]).toContain('odd__')
  expect(search[0]).toContain('gateway_search_tools')
  for (let restart = 0; restart < 1_000; restart++) {
    const mode = restart % 2 === 0 ? 'direct' : 'search'
    const found = await lists(random.shuffled(SERVERS), mode)
    // Compared as one text each: a thousand differences of long lists are of no use to anybody.
    const same = found.every((text, n) => text === (mode === 'direct' ? first : search)[n])
    if (!same) expect({ restart, found }).toEqual({ restart, found: mode === 'direct' ? first : search })
  }
})

it('and so do restarts of the whole process, also of one that has to learn its servers anew', { timeout: 120_000 }, async () => {
  const random = new Random(SEED)
  for (let restart = 0; restart < 20; restart++) {
    const anew = restart % 10 === 9
    const config = { servers: Object.fromEntries(random.shuffled(SERVERS)), surface: surface('direct') }
    const home = anew ? join(folder.path, `state-${restart}`) : state
    const gateway = await Gateway.start(config, { env: { XDG_STATE_HOME: home } })
    const session = await RawSession.open(gateway.url())
    const { text } = await session.post('{"jsonrpc":"2.0","id":0,"method":"tools/list"}')
    expect(bytes(text) === first[0] || { restart, text }).toBe(true)
    if (!anew) expect(await gateway.pids()).toEqual([])
    await gateway.stop()
  }
})
