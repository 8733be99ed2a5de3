/** Servers that fall silent, stop reading, die or will not end: the client is told why, others notice nothing. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { expectGone, type Gateway } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { RawSession } from '../support/raw-http.ts'
import { expectSound, misbehaving, refusal, startGateway, stopSound, taking } from './misbehaving.ts'

let gateway: Gateway
let client: TestClient

beforeAll(async () => {
  const start = { start_timeout: '1s' }
  gateway = await startGateway(
    {
      good: misbehaving(),
      mis: misbehaving(),
      patient: misbehaving([], { timeout: '10s' }),
      mute: misbehaving(['--mute', '--chatter', '3'], start),
      deaf: misbehaving(['--deaf'], start),
      crash: misbehaving(['--crash'], start),
      refuse: misbehaving(['--refuse'], start),
      missing: { command: 'no-such-program-anywhere', ...start },
      folderless: { command: 'node', cwd: '/no/such/folder' },
      unfit: { command: 'node', args: ['a\u0000b'] },
      unreached: { url: 'http://127.0.0.1:9/mcp' },
      slow: misbehaving(['--start-delay', '6000']),
    },
    { ready: false },
  )
  client = await TestClient.http(gateway.url())
  await client.toolNames()
})

afterAll(async () => {
  await client.close()
  await stopSound(gateway)
})

/** What the server has written on stderr, as far as the gateway tells. */
async function stderrOf(server: string): Promise<string> {
  const { servers } = await gateway.health()
  return servers.find(({ name }) => name === server)?.stderr.join('\n') ?? ''
}

describe('a server that starts late', () => {
  test('delays nobody, and its tools are announced when they are there', async () => {
    const names = await client.toolNames()
    expect(names).toContain('good__echo')
    expect(names).not.toContain('slow__echo')
    const { ms } = await taking(client.text('good__echo', { text: 'at once' }))
    expect(ms).toBeLessThan(500)
    // The stream of the session carries it; other changes may come first.
    await until(async () => (await client.toolNames()).includes('slow__echo') || undefined, 'slow does not come', { ms: 10_000 })
    expect(client.count('notifications/tools/list_changed')).toBeGreaterThan(0)
    expect(await client.text('slow__echo', { text: 'better late' })).toBe('better late')
  })
})

describe('a server that does not start', () => {
  test.each([
    ['mute', /^MCP error -32603: mute did not answer initialize in 1s \(servers\.mute\.start_timeout\).*chatter 3/s],
    ['deaf', /deaf did not answer initialize in 1s \(servers\.deaf\.start_timeout\)/],
    ['crash', /crash exited with code 7; its last words on stderr:\s+misbehaving: cannot find module "the-one-it-needs"/],
    ['refuse', /refuse refused initialize: this server refuses every client/],
    ['missing', /cannot start "no-such-program-anywhere": it was not found in PATH \(.+\); install it or/],
    ['folderless', /folderless: cannot start: the folder \/no\/such\/folder does not exist; mend servers\.folderless\.cwd$/],
    ['unfit', /unfit: cannot start "node": The argument 'args\[0\]' must be a string without null bytes/],
    ['unreached', /unreached: cannot reach http:\/\/127\.0\.0\.1:9\/mcp: the connection was refused; is it running\?$/],
  ])('%s: the error says why', async (name, why) => {
    const told = await refusal(client.call(`${name}__echo`))
    expect(told).toMatch(why)
    const { servers } = await gateway.health()
    const server = servers.find((one) => one.name === name)
    expect(server).toMatchObject({ state: 'failed', tools: 0 })
    expect(told).toContain(server?.lastError?.message)
  })

  test.each([
    ['crash', 'misbehaving: cannot find module "the-one-it-needs"'],
    ['mute', 'chatter 3'],
  ])('%s: its last lines stay where people look', async (name, line) => {
    expect(await stderrOf(name)).toContain(line)
  })

  test('is not started anew for every call in a row', async () => {
    const { ms } = await taking(Promise.all([1, 2, 3].map(() => refusal(client.call('mute__echo')))))
    expect(ms).toBeLessThan(3_000)
  })
})

describe('a server that is silent', () => {
  test('is given up after the timeout, by name and with the mend, and told so', async () => {
    const { result, ms } = await taking(refusal(client.call('mis__silent')))
    expect(result).toMatch(/^MCP error -32603: mis did not answer in 1s; raise servers\.mis\.timeout, or run/)
    expect(ms).toBeGreaterThan(950)
    expect(ms).toBeLessThan(2_000)
    await until(
      async () => /cancelled \d+ running no answer within 1s/.test(await stderrOf('mis')) || undefined,
      'it was not told',
    )
    expect(await client.text('mis__echo', { text: 'still there' })).toBe('still there')
  })

  test('but tells its progress is waited for, however long it takes', async () => {
    const session = await RawSession.open(gateway.url())
    const { result, ms } = await taking(session.call('1', 'mis__slow-progress', { steps: 8, intervalMs: 200 }, '"mine"'))
    expect(ms).toBeGreaterThan(1_500)
    expect(result).toHaveLength(9)
    expect(result.slice(0, 8).every((text) => JSON.parse(text).params.progressToken === 'mine')).toBe(true)
    expect(JSON.parse(result[8] ?? '')).toMatchObject({ id: 1, result: { content: [{ text: '8 steps' }] } })
    await session.end()
  })

  test('and is cancelled by the client is told at once', async () => {
    const stop = new AbortController()
    const call = refusal(client.call('patient__silent', {}, { signal: stop.signal }))
    await sleep(100)
    stop.abort('changed my mind')
    await call
    await until(
      async () => /cancelled \d+ running .*changed my mind/.test(await stderrOf('patient')) || undefined,
      'it was not told',
    )
  })

  test('without end about its progress ends with the client', async () => {
    const session = await RawSession.open(gateway.url())
    const call = session.call('1', 'patient__slow-progress', { intervalMs: 20 }, '7')
    await sleep(200)
    await session.end()
    const received = await call
    expect(received.length).toBeGreaterThan(2)
    await until(
      async () => (await stderrOf('patient')).match(/cancelled \d+ running the session has ended/) ?? undefined,
      'it goes on',
    )
  })
})

describe('a server that dies', () => {
  test('in mid-call leaves its last words in the error, and the next call starts it anew', async () => {
    const lines = ['reading the database', 'fatal: the disk is full']
    const error = await refusal(client.call('mis__die', { code: 3, lines, partial: true }))
    expect(error).toMatch(/mis exited with code 3; its last words on stderr:.*fatal: the disk is full/s)
    expect(await client.text('mis__echo', { text: 'again' })).toBe('again')
  })

  test('takes every call with it that it worked on, and no other', async () => {
    const all = await Promise.all([
      refusal(client.call('mis__late', { delayMs: 500 })),
      refusal(client.call('mis__die')),
      client.text('good__late', { delayMs: 300, text: 'unharmed' }),
    ])
    expect(all[0]).toContain('mis exited with code 3')
    expect(all[1]).toContain('mis exited with code 3')
    expect(all[2]).toBe('unharmed')
  })

  test('again and again is started again and again', async () => {
    for (let i = 0; i < 3; i++) {
      expect(await refusal(client.call('mis__die', { lines: [`death ${i}`] }))).toContain(`death ${i}`)
    }
    expect(await client.text('mis__echo', { text: 'alive' })).toBe('alive')
  })

  test('by half, closing stdout, is ended and started anew', async () => {
    const calls = [client.text('mis__hang-up'), refusal(client.call('mis__late', { delayMs: 900 }))]
    expect(await Promise.all(calls)).toEqual(['hanging up', expect.stringContaining('mis closed its stdout')])
    expect(await client.text('mis__echo', { text: 'back' })).toBe('back')
  })
})

describe('a server that stops reading', () => {
  test('is given no more than fits its buffer, and others are served as fast as ever', async () => {
    const session = await RawSession.open(gateway.url())
    expect((await session.call('0', 'mis__deafen'))[0]).toContain('deaf from now on')
    const text = 'x'.repeat(3_000_000)
    const calls = Array.from({ length: 40 }, (_, at) => session.call(String(at + 1), 'mis__echo', { text }))
    const { result, ms } = await taking(client.text('good__echo', { text: 'fine' }))
    expect(result).toBe('fine')
    expect(ms).toBeLessThan(3_000)
    const answers = (await Promise.all(calls)).map(([answer = '']) => JSON.parse(answer).error.message as string)
    expect(answers.filter((one) => /does not read its input|did not answer in 1s/.test(one))).toHaveLength(40)
    expect(answers.filter((one) => one.includes('does not read its input')).length).toBeGreaterThan(10)
    await session.end()
    expectSound(gateway)
  })
})

describe('the end', () => {
  test('of the gateway is the end of servers that ignore it, and of what they started', async () => {
    const own = await startGateway({
      stubborn: misbehaving(['--stubborn', '--grandchild']),
      orphan: misbehaving(['--grandchild']),
    })
    const one = await TestClient.http(own.url())
    const pids: number[] = []
    for (const name of ['stubborn', 'orphan']) {
      const { pid, grandchild } = JSON.parse(await one.text(`${name}__whoami`)) as { pid: number; grandchild: number }
      pids.push(pid, grandchild)
    }
    await one.close()
    const { ms } = await taking(stopSound(own))
    expect(ms).toBeLessThan(8_000)
    await expectGone(pids)
  })

  test('of a server alone takes what it started with it', async () => {
    const own = await startGateway({ orphan: misbehaving(['--grandchild']) })
    const one = await TestClient.http(own.url())
    const { grandchild } = JSON.parse(await one.text('orphan__whoami')) as { grandchild: number }
    await refusal(one.call('orphan__die'))
    await expectGone([grandchild])
    await one.close()
    await stopSound(own)
  })
})
