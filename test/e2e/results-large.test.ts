import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway } from '../support/gateway.ts'
import { RawSession } from '../support/raw-http.ts'

const MB = 1_048_576
const BYTES = 100 * MB
const TEXT_BEGIN = '"text":"'

let gateway: Gateway
beforeAll(async () => {
  gateway = await Gateway.start({ servers: { flooding: fixtureServer('flooding.mjs') }, surface: { mode: 'search' } })
})
afterAll(() => gateway.stop())

/** Bytes of memory that the gateway has taken at most since it started. */
function peak(): number {
  const status = readFileSync(`/proc/${gateway.running.child.pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024
}

/** The digest of the text in the answer to `resources/read`, and whether the answer ends behind it. */
function digestOf(session: RawSession, uri: string): Promise<{ digest: string; rest: string }> {
  const headers = { ...session.headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const hash = createHash('sha256')
  let head = ''
  let hashed = 0
  let rest = ''
  const take = (chunk: Buffer): void => {
    const text = chunk.subarray(0, BYTES - hashed)
    hash.update(text)
    hashed += text.length
    rest += chunk.subarray(text.length).toString()
  }
  return new Promise((resolve, reject) => {
    const sent = request(session.url, { method: 'POST', headers }, (response) => {
      response.on('data', (chunk: Buffer) => {
        if (head.includes(TEXT_BEGIN)) return take(chunk)
        head += chunk.toString('latin1')
        const begin = head.indexOf(TEXT_BEGIN)
        if (begin >= 0) take(Buffer.from(head.slice(begin + TEXT_BEGIN.length), 'latin1'))
      })
      response.once('end', () => resolve({ digest: hash.digest('hex'), rest: rest.trim() }))
      response.once('error', reject)
    })
    sent.once('error', reject)
    sent.end(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri } }))
  })
}

describe.skipIf(process.platform !== 'linux')('a result of 100 MB', () => {
  it('is kept and read to the byte, in little more memory than it takes to receive it', async () => {
    const session = await RawSession.open(gateway.url())
    const before = peak()
    const [answer = ''] = await session.call('1', 'flooding__flood', { kind: 'plain', bytes: BYTES })
    expect(answer.length).toBeLessThan(10_000)
    const uri = /mcp-gw-result:\/\/[0-9a-f]{32}/.exec(answer)?.[0] ?? ''
    const expected = createHash('sha256')
    for (let i = 0; i < 100; i++) expected.update('abcdefgh'.repeat(MB / 8))
    expect(await digestOf(session, uri)).toEqual({ digest: expected.digest('hex'), rest: '"}]}}' })
    // It arrives in pieces that are joined once, and what is read later is held once; some of it may wait to be collected.
    expect((peak() - before) / BYTES).toBeLessThan(4.5)
    const [found = ''] = await session.call('3', 'gateway_read_result', { handle: uri.slice(-32), op: 'grep', query: 'hg' })
    expect(found).toContain('Nothing matches')
  }, 120_000)
})
