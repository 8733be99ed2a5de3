/** Clients of the official SDK that speaks both eras; what servers ask them is kept, and answered as a test wants. */
import { Client, type ClientOptions, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client'
import type { Answers, Heard } from './clients.ts'

export type Mode = 'auto' | 'legacy' | { pin: string }

const METHODS = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const

export interface V2Client {
  client: Client
  /** What servers asked, in order. */
  asked: Heard[]
}

/** Connects a client that can do what it has answers for, unless `capabilities` says otherwise. */
export async function v2Client(
  transport: Transport | string,
  { mode = { pin: '2026-07-28' }, capabilities, answers = {} }: { mode?: Mode; capabilities?: object; answers?: Answers } = {},
): Promise<V2Client> {
  const able = capabilities ?? {
    ...(answers['elicitation/create'] && { elicitation: { form: {}, url: {} } }),
    ...(answers['sampling/createMessage'] && { sampling: {} }),
    ...(answers['roots/list'] && { roots: {} }),
  }
  const options = { capabilities: able, versionNegotiation: { mode } } as ClientOptions
  const client = new Client({ name: 'v2-test', version: '1.0.0' }, options)
  const asked: Heard[] = []
  for (const method of METHODS) {
    const answer = answers[method]
    if (!answer) continue
    client.setRequestHandler(method, async (request) => {
      const params = (request.params ?? {}) as Record<string, unknown>
      asked.push({ method, params })
      return (await answer(params)) as never
    })
  }
  await client.connect(typeof transport === 'string' ? new StreamableHTTPClientTransport(new URL(transport)) : transport)
  return { client, asked }
}
