/** The watchdog ends the groups it was told of when its gateway vanishes, and is gone when there is nothing to watch. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { Watchdog } from '../../src/upstream/watchdog.ts'
import { temporaryFolder } from '../support/gateway.ts'
import { groupLives, PROJECT, run, until } from '../support/processes.ts'
import { quietLog } from '../support/quiet-log.ts'

const folder = temporaryFolder()
const groups: number[] = []

afterEach(() => {
  for (const group of groups.splice(0)) if (groupLives(group)) process.kill(-group, 'SIGKILL')
})
afterAll(() => folder.remove())

/** A group of its own that ignores SIGTERM. */
async function stubborn(): Promise<number> {
  const script = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)"
  const child = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
  groups.push(child.pid as number)
  return child.pid as number
}

const gone = (pid: number, ms: number) => until(() => (groupLives(pid) ? undefined : true), `${pid} lives on`, { ms })

/** A process with a watchdog over these groups, of which the last is taken back; prints the pid of the watchdog. */
async function watcher(watched: number[], released: number[]): Promise<{ kill(): void; watchdog: number }> {
  const file = join(folder.path, `watcher-${groups[0]}.ts`)
  const lines = [
    `import { Watchdog } from '${join(PROJECT, 'src/upstream/watchdog.ts')}'`,
    `import { quietLog } from '${join(PROJECT, 'test/support/quiet-log.ts')}'`,
    'const watchdog = new Watchdog(quietLog())',
    `for (const group of ${JSON.stringify([...watched, ...released])}) watchdog.add(group)`,
    `for (const group of ${JSON.stringify(released)}) watchdog.remove(group)`,
    'console.log(watchdog.pid)',
    'setInterval(() => {}, 1000)',
  ]
  writeFileSync(file, lines.join('\n'))
  const running = run(process.execPath, ['--import', 'tsx', file])
  const watchdog = Number(await until(() => /^\d+$/m.exec(running.stdout())?.[0], 'no watchdog came', { running }))
  return { kill: () => void running.child.kill('SIGKILL'), watchdog }
}

describe('a watchdog', () => {
  test('ends the groups of a process that vanished, those that it was told of and no others, and then itself', async () => {
    const [first, second, released, stranger] = [await stubborn(), await stubborn(), await stubborn(), await stubborn()]
    const { kill, watchdog } = await watcher([first, second], [released])
    expect(groupLives(watchdog)).toBe(true)
    kill()
    await gone(first, 3_000)
    await gone(second, 500)
    await gone(watchdog, 1_000)
    expect([released, stranger].map(groupLives)).toEqual([true, true])
  })

  test('is moved by no signal', async () => {
    const group = await stubborn()
    const { kill, watchdog } = await watcher([group], [])
    // A shell that has only just started has not read its first line yet; one that dies by then is started again.
    await until(() => ignoresSignals(watchdog) || undefined, 'the watchdog does not get ready')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.kill(-watchdog, signal)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(groupLives(watchdog)).toBe(true)
    kill()
    await gone(group, 3_000)
  })

  test('is there only while there is something to watch', async () => {
    const watchdog = new Watchdog(quietLog())
    expect(watchdog.pid).toBeUndefined()
    const [first, second] = [await stubborn(), await stubborn()]
    watchdog.add(first)
    const { pid } = watchdog
    watchdog.add(second)
    expect(watchdog.pid).toBe(pid)
    watchdog.remove(first)
    watchdog.remove(second)
    expect(watchdog.pid).toBeUndefined()
    await gone(pid as number, 1_000)
    // A group that it was told is gone may be another's by now.
    expect([first, second].map(groupLives)).toEqual([true, true])
    watchdog.add(first)
    expect(groupLives(watchdog.pid as number)).toBe(true)
    watchdog.remove(first)
  })

  test('that is ended itself is followed by another that knows the same groups', async () => {
    const watchdog = new Watchdog(quietLog())
    const group = await stubborn()
    watchdog.add(group)
    const first = watchdog.pid as number
    process.kill(first, 'SIGKILL')
    const second = await until(() => (watchdog.pid !== first ? watchdog.pid : undefined), 'no other came')
    process.kill(second, 'SIGSTOP')
    process.kill(second, 'SIGCONT')
    expect(groupLives(second)).toBe(true)
    watchdog.remove(group)
    await gone(second, 1_000)
  })
})

/** Whether a process ignores SIGTERM by now; true where the system does not say. */
function ignoresSignals(pid: number): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'
    return (BigInt(`0x${mask}`) & (1n << 14n)) !== 0n
  } catch {
    return true
  }
}
