/** Clients of both SDKs that answer whatever a server asks, each in the era it is opened in. */
import { Client, type Transport, type VersionNegotiationMode } from '@modelcontextprotocol/client'
import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js'
import type { Answers, TestClient } from './clients.ts'

export const ROOT = 'file:///project'
export const SAMPLED = 'sampled by the client'

/** A peer, whatever the SDK: what every scenario needs of it. */
export interface Peer {
  /** The revision that was agreed upon. */
  version: string | undefined
  /** The methods by which the client was asked. */
  asked: string[]
  toolNames(): Promise<string[]>
  /** The text of the first block of the answer. */
  call(name: string, args?: Record<string, unknown>): Promise<string>
  prompt(name: string): Promise<string>
  read(uri: string): Promise<string>
  /** The progress that comes with a call. */
  progress(name: string): Promise<number[]>
  close(): Promise<void>
}

/** Fills in every field that a form demands. */
function filled(params: Record<string, unknown>): Record<string, unknown> {
  const { properties = {} } = params.requestedSchema as { properties?: Record<string, { type?: string; default?: unknown }> }
  const value = ({ type, default: given }: { type?: string; default?: unknown }) =>
    given ?? (type === 'boolean' ? true : type === 'string' ? 'Ada' : type === 'array' ? [] : 7)
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, value(schema)]))
}

function answersInto(asked: string[]): Answers {
  const noting =
    <Result>(method: string, answer: (params: Record<string, unknown>) => Result) =>
    (params: Record<string, unknown>) => {
      asked.push(method)
      return answer(params)
    }
  return {
    'sampling/createMessage': noting('sampling/createMessage', () => ({
      model: 'm',
      role: 'assistant',
      content: { type: 'text', text: SAMPLED },
    })),
    'elicitation/create': noting('elicitation/create', (params) => ({ action: 'accept', content: filled(params) })),
    'roots/list': noting('roots/list', () => ({ roots: [{ uri: ROOT, name: 'project' }] })),
  }
}

const CAPABILITIES = { sampling: {}, roots: {}, elicitation: { form: {} } }

/** A client of the v2 SDK. */
export async function modernPeer(transport: Transport, mode: VersionNegotiationMode): Promise<Peer> {
  const asked: string[] = []
  const client = new Client({ name: 'v2', version: '2' }, { capabilities: CAPABILITIES, versionNegotiation: { mode } })
  for (const [method, answer] of Object.entries(answersInto(asked))) {
    const handler = async (request: { params?: unknown }) => answer((request.params ?? {}) as Record<string, unknown>) as never
    client.setRequestHandler(method as 'roots/list', handler)
  }
  await client.connect(transport)
  return {
    version: client.getNegotiatedProtocolVersion(),
    asked,
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}) => textOf(await client.callTool({ name, arguments: args })),
    prompt: async (name) => JSON.stringify((await client.getPrompt({ name })).messages),
    read: async (uri) => JSON.stringify((await client.readResource({ uri })).contents),
    progress: async (name) => {
      const seen: number[] = []
      await client.callTool({ name, arguments: {} }, { onprogress: ({ progress }) => void seen.push(progress) })
      return seen
    },
    close: () => client.close(),
  }
}

/** A client of the v1 SDK, which knows no other era than that of sessions. */
export async function olderPeer(open: (capabilities: object, answers: Answers) => Promise<TestClient>): Promise<Peer> {
  const asked: string[] = []
  const peer = await open(CAPABILITIES, answersInto(asked))
  const { client } = peer
  return {
    // On stdio its transport does not keep what was agreed upon.
    version: (client.transport as { protocolVersion?: string } | undefined)?.protocolVersion ?? LATEST_PROTOCOL_VERSION,
    asked,
    toolNames: () => peer.toolNames(),
    call: (name, args) => peer.text(name, args),
    prompt: async (name) => JSON.stringify((await peer.request('prompts/get', { name })).messages),
    read: async (uri) => JSON.stringify((await peer.request('resources/read', { uri })).contents),
    progress: async (name) => {
      const seen: number[] = []
      await client.callTool({ name, arguments: {} }, undefined, { onprogress: ({ progress }) => void seen.push(progress) })
      return seen
    },
    close: () => peer.close(),
  }
}

function textOf({ content }: { content?: unknown }): string {
  return (content as { text?: string }[] | undefined)?.[0]?.text ?? ''
}
