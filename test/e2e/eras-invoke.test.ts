/** A tool that asks, called by way of gateway_invoke: its questions and their answers find their way in every combination of eras. */
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Gateway, type HttpServer, startReference } from '../support/gateway.ts'
import { modernPeer } from '../support/peers.ts'

let reference: HttpServer
let gateway: Gateway

beforeAll(async () => {
  reference = await startReference()
  const servers = {
    older: { url: reference.url, protocol: 'session' },
    newer: { url: reference.url, protocol: 'stateless' },
  }
  gateway = await Gateway.start({ servers, surface: { mode: 'search' } })
})

afterAll(async () => {
  await gateway?.stop()
  await reference?.stop()
})

describe.each(['legacy', { pin: '2026-07-28' }] as const)('for a client of the era %j', (mode) => {
  it.each([
    ['older', 'sampling', { prompt: 'p' }, 'LLM response: '],
    ['older', 'input_required_result_multi_round', {}, 'Ada likes Ada.'],
    ['newer', 'sampling', { prompt: 'p' }, 'LLM response: '],
    ['newer', 'input_required_result_multi_round', {}, 'Ada likes Ada.'],
  ])('%s gets what it asks for in %s', async (server, name, args, answer) => {
    const peer = await modernPeer(new StreamableHTTPClientTransport(new URL(gateway.url())), mode)
    expect(await peer.call('gateway_invoke', { tool: `${server}__test_${name}`, arguments: args })).toContain(answer)
    expect(peer.asked.length).toBeGreaterThan(0)
    await peer.close()
  })
})
