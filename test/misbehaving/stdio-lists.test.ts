/** Servers whose lists are endless, huge, oddly named, or said to change: clients see what is there, and hear what is true. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { type Gateway, logLines } from '../support/gateway.ts'
import { send } from '../support/raw-http.ts'
import { misbehaving, refusal, startGateway, stopSound } from './misbehaving.ts'

const CHANGED = 'notifications/tools/list_changed'

let gateway: Gateway
let client: TestClient

beforeAll(async () => {
  gateway = await startGateway(
    {
      endless: misbehaving(['--endless']),
      loop: misbehaving(['--loop']),
      many: misbehaving(['--tools', '500', '--page-size', '7']),
      odd: misbehaving(['--odd-names']),
      mis: misbehaving(),
      filtered: misbehaving([], { tools: { allow: ['e*', 's*'], deny: ['echo-raw', '*-tool'] } }),
    },
    { catalog: { pages: 80 } },
  )
  client = await TestClient.http(gateway.url())
})

afterAll(async () => {
  await client.close()
  await stopSound(gateway)
})

async function toolsOf(server: string): Promise<string[]> {
  return (await client.toolNames()).filter((name) => name.startsWith(`${server}__`))
}

describe('a list', () => {
  test('without end is cut at the page that the config names, and the log says so', async () => {
    const names = await toolsOf('endless')
    expect(names).toContain('endless__endless_80')
    expect(names).not.toContain('endless__endless_81')
    expect(await client.text('endless__echo', { text: 'works' })).toBe('works')
    expect(
      logLines(gateway.running).some(({ server, message }) => server === 'endless' && /does not end/.test(String(message))),
    ).toBe(true)
  })

  test('that goes in circles has each entry once', async () => {
    const names = await toolsOf('loop')
    expect(names).toEqual(['loop__echo'])
  })

  test('of 500 tools on 80 pages comes whole, in the order of the server', async () => {
    const names = (await toolsOf('many')).filter((name) => name.startsWith('many__tool_'))
    expect(names).toEqual(Array.from({ length: 500 }, (_, at) => `many__tool_${String(at + 1).padStart(5, '0')}`))
    expect(await client.text('many__tool_00500')).toBe('this is tool_00500')
  })

  test('is the same bytes each time', async () => {
    const one = JSON.stringify(await client.request('tools/list'))
    expect(JSON.stringify(await client.request('tools/list'))).toBe(one)
  })

  test('has one page at the gateway, and a cursor that nobody gave is refused', async () => {
    expect(await client.request('tools/list')).not.toHaveProperty('nextCursor')
    expect(await refusal(client.request('tools/list', { cursor: 'page-2' }))).toContain('-32602')
  })
})

describe('odd names', () => {
  test('become names that every client takes, each leading to its own tool', async () => {
    const { tools } = (await client.request('tools/list')) as { tools: { name: string; description: string }[] }
    const odd = tools.filter(({ name, description }) => name.startsWith('odd__') && description.startsWith('Says that it is'))
    expect(odd).toHaveLength(18)
    expect(new Set(odd.map(({ name }) => name)).size).toBe(18)
    for (const { name, description } of odd) {
      expect(name).toMatch(/^[A-Za-z0-9_-]{1,48}$/)
      expect(await client.text(name)).toBe(`this is ${JSON.parse(description.slice('Says that it is '.length, -1))}`)
    }
  })

  test('are the names of the server at its own endpoint', async () => {
    const own = await TestClient.http(gateway.url('odd'))
    const names = await own.toolNames()
    expect(names).toContain('unicode-ñandú-日本語-🙂')
    expect(names).toContain('__proto__')
    expect(await own.text('__proto__')).toBe('this is __proto__')
    await own.close()
  })

  test('that are wrong get a hint', async () => {
    expect(await refusal(client.call('mis__ecko'))).toContain('did you mean mis__echo?')
    for (const name of ['', '__', '__proto__', 'mis__', 'constructor', 'x'.repeat(10_000)]) {
      expect(await refusal(client.call(name))).toContain('-32602')
    }
  })
})

describe('what the config withholds', () => {
  test.each(['the endpoint of all', 'its own endpoint'])('is neither listed nor called at %s', async (which) => {
    const alone = which === 'its own endpoint'
    const one = alone ? await TestClient.http(gateway.url('filtered')) : client
    const named = (tool: string): string => (alone ? tool : `filtered__${tool}`)
    const names = (await one.toolNames()).filter((name) => alone || name.startsWith('filtered__'))
    expect(names.toSorted()).toEqual(
      ['echo', 'seen', 'silent', 'slow-progress', 'storm', 'stray-progress', 'string-id'].map(named),
    )
    for (const withheld of ['echo-raw', 'die', 'add-tool', 'whoami']) {
      expect(await refusal(one.call(named(withheld)))).toContain('Unknown tool')
    }
    expect(await one.text(named('echo'), { text: 'allowed' })).toBe('allowed')
    expect(JSON.parse(await one.text(named('seen')))).not.toContain('echo-raw')
    if (alone) await one.close()
  })
})

describe('changes', () => {
  test('that are said and not done are told to nobody', async () => {
    const before = client.count(CHANGED)
    const resourcesBefore = client.count('notifications/resources/list_changed')
    await client.text('mis__storm', { count: 300 })
    await client.text('mis__storm', { count: 300, list: 'resources' })
    await sleep(1_500)
    expect(client.count(CHANGED)).toBe(before)
    expect(client.count('notifications/resources/list_changed')).toBe(resourcesBefore)
  })

  test('that are done are told once, and the list is new', async () => {
    const before = client.count(CHANGED)
    await client.text('mis__add-tool', { name: 'fresh', times: 200 })
    await client.heard(CHANGED, () => client.count(CHANGED) > before)
    expect(await toolsOf('mis')).toContain('mis__fresh')
    await sleep(300)
    expect(client.count(CHANGED)).toBe(before + 1)
    expect(await client.text('mis__fresh')).toBe('this is fresh')
    await client.text('mis__remove-tool', { name: 'fresh' })
    await client.heard(CHANGED, () => client.count(CHANGED) > before + 1)
    expect(await toolsOf('mis')).not.toContain('mis__fresh')
  })

  test('reach those whose endpoint they concern, and no others', async () => {
    const other = await TestClient.http(gateway.url('many'))
    await other.toolNames()
    await client.text('mis__add-tool', { name: 'again' })
    await client.heard(CHANGED)
    await sleep(300)
    expect(other.count(CHANGED)).toBe(0)
    await other.close()
    await client.text('mis__remove-tool', { name: 'again' })
  })
})

test('a watched resource without a name, and updates that nobody asked for, disturb nobody', async () => {
  await client.text('mis__touch', { uri: 'mis://one' })
  await client.text('mis__touch', { uri: null })
  await client.request('resources/subscribe', { uri: '' }).catch((error: Error) => expect(error.message).toContain('MCP error'))
  await client.text('mis__touch', { uri: '' })
  await client.text('mis__touch', { uri: 5 })
  expect((await send(`${gateway.origin}/health`, { method: 'GET' })).status).toBe(200)
})
