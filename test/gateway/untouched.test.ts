/** A result that nobody looks into is never parsed: at a megabyte, that is most of what a call would cost. */
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { fixtureServer, temporaryFolder } from '../support/gateway.ts'
import { InProcess } from '../support/in-process.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

test.each(['shared', 'session'])('a megabyte passes as the bytes it came in (instances: %s)', async (instances) => {
  const config = { servers: { slow: { ...fixtureServer('annotated.mjs'), instances } }, surface: { mode: 'direct' } }
  const gateway = new InProcess(config, join(folder.path, instances))
  await gateway.engine.start()
  await gateway.open()
  await gateway.request('tools/list')
  const text = 'x'.repeat(1_000_000)
  const parse = vi.spyOn(JSON, 'parse')
  const stringify = vi.spyOn(JSON, 'stringify')
  const answer = await gateway.request('tools/call', { name: 'slow__look', arguments: { text } })
  const parsed = parse.mock.calls.filter(([json]) => String(json).length > text.length)
  // The test itself writes the request.
  const written = stringify.mock.results.filter(({ value }) => String(value).length > text.length)
  vi.restoreAllMocks()
  await gateway.close()
  expect(answer.length).toBeGreaterThan(text.length)
  expect([parsed.length, written.length]).toEqual([0, 1])
})
