/** Real clients of both eras at servers of both eras, through all the doors of one gateway: nobody notices the bridge. */
import { join } from 'node:path'
import { StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { Gateway, type HttpServer, packageServer, startReference, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { inspect } from '../support/inspector.ts'
import { modernPeer, olderPeer, type Peer, ROOT, SAMPLED } from '../support/peers.ts'
import { PROJECT, until } from '../support/processes.ts'

const folder = temporaryFolder()
const referenceScript = join(PROJECT, 'test', 'reference', 'server.mjs')
let reference: HttpServer
let gateway: Gateway
let stdio: { command: string; args: string[] }

beforeAll(async () => {
  reference = await startReference()
  const servers = {
    everything: packageServer('everything'),
    near: { command: process.execPath, args: [referenceScript, '--stdio'] },
    far: { url: reference.url },
  }
  gateway = await Gateway.start({ servers })
  const config = writeConfig(folder.path, { servers })
  stdio = { command: process.execPath, args: [join(PROJECT, 'bin', 'mcp-gw.js'), 'serve', '--stdio', '--config', config] }
})

afterAll(async () => {
  await gateway?.stop()
  await reference?.stop()
  folder.remove()
})

const overHttp = (mode: VersionNegotiationMode) => (server?: string) =>
  modernPeer(new StreamableHTTPClientTransport(new URL(gateway.url(server))), mode)
const overStdio = (mode: VersionNegotiationMode) => () =>
  modernPeer(new StdioClientTransport({ ...stdio, stderr: 'ignore' }), mode)

const STATELESS = '2026-07-28'
const SESSION = '2025-11-25'

const HTTP_PEERS: [string, string, (server?: string) => Promise<Peer>][] = [
  ['the v1 SDK', SESSION, (server) => olderPeer((...how) => TestClient.http(gateway.url(server), ...how))],
  ['the v2 SDK as of old', SESSION, overHttp('legacy')],
  ['the v2 SDK that asks', STATELESS, overHttp('auto')],
  ['the v2 SDK that insists', STATELESS, overHttp({ pin: STATELESS })],
]

const STDIO_PEERS: [string, string, () => Promise<Peer>][] = [
  ['the v1 SDK', SESSION, () => olderPeer((...how) => TestClient.stdio(stdio, ...how))],
  ['the v2 SDK as of old', SESSION, overStdio('legacy')],
  ['the v2 SDK that asks', STATELESS, overStdio('auto')],
  ['the v2 SDK that insists', STATELESS, overStdio({ pin: STATELESS })],
]

/** The servers are up some time after a gateway on stdio has started. */
async function allListed(peer: Peer, wanted: string[]): Promise<void> {
  const look = async () => {
    const names = await peer.toolNames()
    return wanted.every((name) => names.includes(name)) || undefined
  }
  await until(look, `not all of ${wanted.join(', ')} are listed`)
}

/** What a server of the era of sessions offers: each kind of question, during a call. */
async function useEverything(peer: Peer, prefix: string): Promise<void> {
  const tool = (name: string) => `${prefix}${name}`
  await allListed(peer, [tool('echo'), tool('trigger-sampling-request'), tool('get-roots-list')])
  expect(await peer.call(tool('echo'), { message: 'hi' })).toBe('Echo: hi')
  expect(await peer.call(tool('trigger-sampling-request'), { prompt: 'p' })).toContain(SAMPLED)
  expect(await peer.call(tool('trigger-elicitation-request'))).toContain('User provided')
  expect(await peer.call(tool('get-roots-list'))).toContain(ROOT)
  expect(await peer.prompt(tool('simple-prompt'))).toContain('This is a simple prompt')
}

/** What a server of both eras offers: questions one by one, several at once, in several rounds, and of a prompt. */
async function useReference(peer: Peer, prefix: string): Promise<void> {
  const tool = (name: string) => `${prefix}test_${name}`
  await allListed(peer, [tool('simple_text')])
  expect(await peer.call(tool('simple_text'))).toBe('This is a simple text response for testing.')
  expect(await peer.call(tool('sampling'), { prompt: 'p' })).toBe(`LLM response: ${SAMPLED}`)
  expect(await peer.call(tool('elicitation'), { message: 'm' })).toContain('action: accept')
  expect(await peer.call(tool('input_required_result_list_roots'))).toBe(`Roots: ${ROOT}`)
  expect(await peer.call(tool('input_required_result_multiple_inputs'))).toMatch(/^Got /)
  expect(await peer.call(tool('input_required_result_multi_round'))).toBe('Ada likes Ada.')
  expect(await peer.call(tool('input_required_result_request_state'))).toBe('state-ok')
  expect(await peer.prompt(tool('input_required_result_prompt'))).toContain('Use this context: Ada')
  expect((await peer.progress(tool('tool_with_progress'))).slice(0, 2)).toEqual([0, 50])
}

describe.each(HTTP_PEERS)('%s over HTTP', (_name, version, open) => {
  it.each([
    ['everything', useEverything],
    ['near', useReference],
    ['far', useReference],
  ] as const)('at /mcp/%s lists, calls, and is asked for all that a server may ask for', async (server, use) => {
    const peer = await open(server)
    expect(peer.version).toBe(version)
    await use(peer, '')
    expect(new Set(peer.asked)).toEqual(new Set(['sampling/createMessage', 'elicitation/create', 'roots/list']))
    await peer.close()
  })

  it('at /mcp does the same with servers of both eras side by side', async () => {
    const peer = await open()
    expect(peer.version).toBe(version)
    await Promise.all([useEverything(peer, 'everything__'), useReference(peer, 'near__'), useReference(peer, 'far__')])
    expect(await peer.read('demo://resource/static/document/features.md')).toContain('text/markdown')
    await peer.close()
  })
})

describe.each(STDIO_PEERS)('%s over stdio', (_name, version, open) => {
  it('does with servers of both eras what it does with one', async () => {
    const peer = await open()
    expect(peer.version).toBe(version)
    await useEverything(peer, 'everything__')
    await useReference(peer, 'near__')
    await useReference(peer, 'far__')
    await peer.close()
  })
})

describe('the inspector', () => {
  if (!inspect) {
    it('is not installed; run npm run test:conformance once to have it tested here', ({ skip }) => skip())
    return
  }
  const ask = inspect.bind(undefined, folder.path)

  it.each(['legacy', 'auto', 'modern'])('in its %s era calls tools of servers of both eras', async (era) => {
    const call = async (...args: string[]) => {
      const how = ['--transport', 'http', '--protocol-era', era, '--method', 'tools/call', '--tool-name']
      return (await ask(gateway.url(), ...how, ...args)).content?.[0]?.text
    }
    expect(await call('everything__echo', '--tool-arg', 'message=hi')).toBe('Echo: hi')
    expect(await call('near__test_simple_text')).toBe('This is a simple text response for testing.')
    expect(await call('far__test_simple_text')).toBe('This is a simple text response for testing.')
  })
})

it('the gateway knows each server for what it is', async () => {
  const { servers } = await gateway.health()
  expect(Object.fromEntries(servers.map(({ name, protocol }) => [name, protocol]))).toEqual({
    everything: SESSION,
    near: STATELESS,
    far: STATELESS,
  })
})
