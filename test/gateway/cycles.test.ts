/** Servers that wake and sleep again and again: nothing of it is left behind. */
import { EventEmitter } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { queryObjects, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, expect, test } from 'vitest'
import { Instance } from '../../src/upstream/instance.ts'
import type { Server } from '../../src/upstream/server.ts'
import { httpFixture, temporaryFolder } from '../support/gateway.ts'
import { InProcess } from '../support/in-process.ts'
import { childrenOf, fixture, until } from '../support/processes.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const HOUR_MS = 3_600_000
const WARM_UP = 100
/** What the engine compiles meanwhile stays below this; an instance that is not let go of takes more. */
const GROWTH_BYTES_MAX = 3_000

/** What a cycle makes and has to let go of; processes, sockets and pipes are emitters. */
const MADE = { Instance, EventEmitter }

interface Holdings {
  children: number
  descriptors: number
  listeners: number
  /** Timers, sockets, pipes and whatever else keeps an event loop busy, by kind. */
  resources: Record<string, number>
  /** Objects that something still refers to, by class. */
  objects: Record<string, number>
}

function holdings(): Holdings {
  const objects = Object.entries(MADE).map(([name, made]) => [
    name,
    queryObjects(made as unknown as () => void, { format: 'count' }),
  ])
  return {
    children: childrenOf(process.pid).length,
    descriptors: readdirSync('/proc/self/fd').length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    resources: resources(),
    objects: Object.fromEntries(objects) as Record<string, number>,
  }
}

function resources(): Record<string, number> {
  const found: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) found[kind] = (found[kind] ?? 0) + 1
  return found
}

/** What there is more of than before. */
function more(before: Holdings, after: Holdings): string[] {
  const counts = ({ resources: kinds, objects, ...rest }: Holdings): Record<string, number> => ({ ...rest, ...kinds, ...objects })
  const known = counts(before)
  return Object.entries(counts(after)).flatMap(([what, count]) =>
    count > (known[what] ?? 0) ? `${what}: ${known[what]} → ${count}` : [],
  )
}

async function heapBytes(): Promise<number> {
  // What finalizers let go of is free in the turn after.
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}

/** Wakes the server by a call and puts it to sleep, until nothing of it runs. */
async function cycle(gateway: InProcess, tool: string): Promise<void> {
  const answer = await gateway.request('tools/call', { name: `one__${tool}`, arguments: { nonce: 'hello' } })
  expect(answer).toContain('hello')
  const [server] = gateway.servers as [Server]
  const asleep = () => {
    // While its lists are read again behind the call, it is not idle.
    server.sweep(Date.now() + HOUR_MS)
    return server.state === 'asleep' || undefined
  }
  await until(asleep, 'it does not sleep')
}

async function cycles(gateway: InProcess, tool: string, times: number, settled: () => boolean): Promise<void> {
  await gateway.engine.start()
  await gateway.open()
  const rest = () => until(() => (settled() ? true : undefined), 'something still runs')
  for (let i = 0; i < WARM_UP; i++) await cycle(gateway, tool)
  await rest()
  const heapBefore = await heapBytes()
  const before = holdings()
  for (let i = 0; i < times; i++) await cycle(gateway, tool)
  await rest()
  const heapAfter = await heapBytes()
  // What the last cycle let go of may be on its way out still.
  await expect.poll(() => more(before, holdings()), { timeout: 5_000 }).toEqual([])
  expect((heapAfter - heapBefore) / times).toBeLessThan(GROWTH_BYTES_MAX)
}

test('500 times over stdio: no process, descriptor, listener, timer or memory is left', { timeout: 120_000 }, async () => {
  const none = childrenOf(process.pid).length
  const servers = { one: { command: fixture('tiny.sh') } }
  const gateway = new InProcess({ servers }, join(folder.path, 'stdio'))
  await cycles(gateway, 'hello', 500, () => childrenOf(process.pid).length === none)
  expect(readdirSync(join(folder.path, 'stdio'))).toEqual(['children', 'snapshots'])
  expect(readdirSync(join(folder.path, 'stdio', 'children'))).toEqual([])
  await gateway.close()
})

test('200 times over HTTP: no session, socket, listener, timer or memory is left', { timeout: 120_000 }, async () => {
  const record = join(folder.path, 'record')
  const remote = await httpFixture('recording.mjs', '--http', '--name', 'one', '--record', record)
  const sockets = () => resources().TCPSocketWrap ?? 0
  const none = sockets()
  const gateway = new InProcess({ servers: { one: { url: remote.url } } }, join(folder.path, 'http'))
  await cycles(gateway, 'look', 200, () => sockets() === none)
  await gateway.close()
  await remote.stop()
})
