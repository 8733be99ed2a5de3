/** A process is told from a later one with its pid, and its memory is that of everything it started. */
import { describe, expect, test } from 'vitest'
import { familyOf, residentBytes } from '../../src/std/process-memory.ts'
import { isSameProcess, processStart } from '../../src/std/process-start.ts'
import { run, stop } from '../support/processes.ts'

describe('the start of a process', () => {
  test('stays the same while it lives, and is another for another process', async () => {
    const other = run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const pid = other.child.pid as number
    const [own, its] = [await processStart(process.pid), await processStart(pid)]
    expect(own).toMatch(/^\S+ \d+$/)
    expect(its).not.toBe(own)
    expect(await processStart(pid)).toBe(its)
    expect(await isSameProcess(pid, its as string)).toBe(true)
    expect(await isSameProcess(pid, own as string)).toBe(false)
    await stop(other, 'SIGKILL')
    expect(await processStart(pid)).toBeUndefined()
    expect(await isSameProcess(pid, its as string)).toBe(false)
  })

  test('is found whatever the process calls itself', async () => {
    const odd = run(process.execPath, ['-e', "process.title = 'a) Z 1 (b'; setInterval(() => {}, 1000); console.log('up')"])
    while (odd.stdout() === '') await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await processStart(odd.child.pid as number)).toMatch(/^\S+ \d+$/)
    await stop(odd, 'SIGKILL')
  })
})

describe('the family of a process', () => {
  const rows = [
    { pid: 1, parent: 0, group: 1 },
    { pid: 10, parent: 1, group: 10 },
    { pid: 11, parent: 10, group: 10 },
    { pid: 12, parent: 11, group: 12 },
    // Its parent is gone, and it stays in the group.
    { pid: 13, parent: 1, group: 10 },
    { pid: 14, parent: 13, group: 14 },
    { pid: 20, parent: 1, group: 20 },
  ]

  test('is its group, what they all started, and nobody else', () => {
    expect(familyOf(10, rows).map(({ pid }) => pid)).toEqual([10, 11, 12, 13, 14])
    expect(familyOf(20, rows).map(({ pid }) => pid)).toEqual([20])
    expect(familyOf(99, rows)).toEqual([])
  })

  test('is measured in bytes', async () => {
    const own = (await residentBytes([process.pid])).get(process.pid) ?? 0
    expect(own).toBeGreaterThanOrEqual(process.memoryUsage().rss * 0.8)
    expect((await residentBytes([2 ** 22 + 1])).get(2 ** 22 + 1)).toBe(0)
  })
})
