/** What the client has arranged with the gateway, so that it can be arranged with the next one without asking the client. */
import type { Message } from '../../protocol/message.ts'
import { request } from '../../protocol/read.ts'

/** The lists whose changes are announced, and how. */
const LISTS = new Map([
  ['tools/list', 'notifications/tools/list_changed'],
  ['prompts/list', 'notifications/prompts/list_changed'],
  ['resources/list', 'notifications/resources/list_changed'],
  ['resources/templates/list', 'notifications/resources/list_changed'],
])

/** Requests that change nothing, or nothing more when they come twice. */
const REPEATABLE = new Set([
  'initialize',
  'ping',
  'prompts/get',
  'resources/read',
  'completion/complete',
  'server/discover',
  'subscriptions/listen',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  ...LISTS.keys(),
])

interface Page {
  /** The request that brought it, to be asked again. */
  readonly cursor: string | undefined
  readonly bytes: Buffer
}

interface Tool {
  name?: unknown
  annotations?: { readOnlyHint?: unknown; idempotentHint?: unknown }
}

export class Remembered {
  /** The request that opened the session, once it was answered. */
  initialize: Message | undefined
  /** The client has said that it is ready. */
  ready = false
  #level: Message | undefined
  readonly #subscriptions = new Map<string, Message>()
  readonly #lists = new Map<string, Page[]>()

  /** Takes note of a request that has succeeded. */
  note(asked: Message, answer: Message): void {
    if (asked.method === 'initialize') this.initialize = asked
    else if (asked.method === 'logging/setLevel') this.#level = asked
    else if (asked.method === 'resources/subscribe') this.#subscriptions.set(asked.uri, asked)
    else if (asked.method === 'resources/unsubscribe') this.#subscriptions.delete(asked.uri)
    else if (LISTS.has(asked.method)) this.#noteList(asked, answer)
  }

  #noteList({ method, params }: Message, answer: Message): void {
    const cursor = typeof params.cursor === 'string' ? params.cursor : undefined
    const page = { cursor, bytes: resultBytes(answer) }
    const before = cursor === undefined ? [] : (this.#lists.get(method) ?? []).filter((one) => one.cursor !== cursor)
    this.#lists.set(method, [...before, page])
  }

  /** The request that set the log level. */
  get level(): Message | undefined {
    return this.#level
  }

  /** The requests for the resources that are watched. */
  watches(): Message[] {
    return [...this.#subscriptions.values()]
  }

  /**
   * The notifications for the lists that are not what the client was last told; `ask` brings a list from the new session. A list
   * that is asked for and does not come counts as unchanged: the gateway announces what changes later.
   */
  async changes(ask: (request: Message) => Promise<Message | undefined>): Promise<string[]> {
    const found = [...this.#lists].map(async ([method, pages]) => {
      for (const { cursor, bytes } of pages) {
        const answer = await ask(request('mcp-gw connect: list', method, cursor === undefined ? {} : { cursor }))
        // The client has fetched it itself meanwhile.
        if (this.#lists.get(method) !== pages || !answer) return []
        if (!resultBytes(answer).equals(bytes)) return [LISTS.get(method) as string]
      }
      return []
    })
    return [...new Set((await Promise.all(found)).flat())]
  }

  /** Whether a request that may have run can be sent once more. */
  repeatable({ method, name }: Message): boolean {
    if (method !== 'tools/call') return REPEATABLE.has(method)
    const tools = (this.#lists.get('tools/list') ?? []).flatMap(
      ({ bytes }) => (JSON.parse(bytes.toString()) as { tools?: Tool[] }).tools ?? [],
    )
    const { annotations } = tools.find((tool) => tool.name === name) ?? {}
    return annotations?.readOnlyHint === true || annotations?.idempotentHint === true
  }
}

/** A copy, because the bytes may be a part of a much larger chunk. */
function resultBytes({ kind, bytes, bodyStart, bodyEnd }: Message): Buffer {
  return kind === 'result' ? Buffer.from(bytes.subarray(bodyStart, bodyEnd)) : Buffer.alloc(0)
}
