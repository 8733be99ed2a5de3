/** Servers that die or forget at an awkward moment: the same client session goes on, and no call runs twice. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, type HttpServer, httpFixture, temporaryFolder } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { RawSession } from '../support/raw-http.ts'

let folder: ReturnType<typeof temporaryFolder>
let gateway: Gateway
let client: TestClient

const file = (name: string): string => join(folder.path, name)
const runs = (): string[] => (existsSync(file('record')) ? readFileSync(file('record'), 'utf8').trim().split('\n') : [])

/** A server that kills itself at its first request of a method, so often. */
const dying = (method: string, times = 1) =>
  fixtureServer(
    'recording.mjs',
    ...['--name', 'one', '--record', file('record'), '--deaths', file('deaths'), '--die-at', method, '--times', String(times)],
  )

async function start(servers: Record<string, object>): Promise<void> {
  gateway = await Gateway.start({ servers }, { env: { XDG_STATE_HOME: file('state') } })
  client = await TestClient.http(gateway.url())
}

const call = (tool: string, nonce: string, more: object = {}) =>
  client.text(`one__${tool}`, { nonce, ...more }).catch((error: Error) => error.message)

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(async () => {
  await client.close()
  await gateway.stop()
  folder.remove()
})

describe('a server that is killed', () => {
  it.each(['tools/list', 'prompts/list'])(
    'while %s is read for the first time is not taken for one without any',
    async (method) => {
      await start({ one: dying(method) })
      await until(async () => ((await client.toolNames()).length === 3 ? true : undefined), 'its tools do not come')
      expect(await call('look', 'a')).toBe('a')
      await client.close()
      await gateway.stop()
      await start({ one: dying(method) })
      expect(await client.toolNames()).toEqual(['one__look', 'one__put', 'one__change'])
      expect((await client.request('prompts/list')).prompts).toHaveLength(1)
    },
  )

  it('while it starts costs no call, not even one that must not run twice', async () => {
    await start({ one: fixtureServer('recording.mjs', '--name', 'one', '--record', file('record')) })
    const [pid] = await gateway.pids()
    process.kill(pid as number, 'SIGKILL')
    await until(async () => ((await gateway.pids()).length === 0 ? true : undefined), 'it is still there')
    const answer = call('change', 'a')
    const starting = await until(async () => (await gateway.pids())[0], 'it does not start')
    process.kill(starting, 'SIGKILL')
    expect(await answer).toBe('a')
    expect(runs()).toEqual(['a'])
  })

  it('three times by the call that it works on answers it where that is harmless', async () => {
    await start({ one: dying('tools/call', 3) })
    expect(await call('put', 'a')).toBe('a')
    expect(readFileSync(file('deaths'), 'utf8')).toBe('+++')
  })

  it('again and again by the call that it works on says so in the end', async () => {
    await start({ one: dying('tools/call', 99) })
    expect(await call('look', 'a')).toMatch(/the call may have run: one was ended by SIGKILL/)
    expect(readFileSync(file('deaths'), 'utf8')).toBe('++++')
  })

  it('is not asked twice for what must not run twice', async () => {
    await start({ one: dying('tools/call') })
    expect(await call('change', 'a')).toMatch(/the call may have run: one was ended by SIGKILL/)
    expect(readFileSync(file('deaths'), 'utf8')).toBe('+')
    expect(await call('change', 'b')).toBe('b')
    expect(runs()).toEqual(['b'])
  })
})

describe('a remote server', () => {
  let remote: HttpServer
  const tell = (word: string) => remote.running.child.stdin?.write(`${word}\n`)

  beforeEach(async () => {
    remote = await httpFixture('recording.mjs', '--http', '--name', 'one', '--record', file('record'))
    await start({ one: { url: remote.url } })
    expect(await call('look', 'a')).toBe('a')
  })
  afterEach(() => remote.stop())

  it('that forgets its sessions and opens no other is found again when it does', async () => {
    tell('sulk')
    tell('forget')
    expect(await call('change', 'b')).toMatch(/broke off|tried again/)
    tell('mend')
    expect(await until(async () => ((await call('change', 'c')) === 'c' ? 'c' : undefined), 'it stays away')).toBe('c')
    expect(runs()).toEqual(['c'])
  })

  it('that breaks off a call is asked again where that is harmless, and the caller is told where it is not', async () => {
    const slow = [call('look', 'b', { delayMs: 500 }), call('change', 'c', { delayMs: 500 })]
    await until(() => (runs().includes('c') ? true : undefined), 'the call does not come')
    tell('cut')
    expect(await Promise.all(slow)).toEqual([
      'b',
      expect.stringMatching(/the call may have run: one: the connection .* broke off/),
    ])
    expect(runs()).toEqual(['c'])
  })
})

it('a client gets its own answers although ten others wait for the same server to come back', async () => {
  await start({ one: dying('tools/call', 2) })
  const sessions = await Promise.all(Array.from({ length: 10 }, () => RawSession.open(gateway.url())))
  const answers = await Promise.all(sessions.map((session, n) => session.call('1', 'one__look', { nonce: `nonce ${n}` })))
  expect(answers.map(([text]) => JSON.parse(text as string).result.content[0].text)).toEqual(sessions.map((_, n) => `nonce ${n}`))
})
