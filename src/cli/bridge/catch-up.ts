/** What a new session still needs once calls can go on: news of lists that have changed, and the resources that are watched. */
import type { Message } from '../../protocol/message.ts'
import { notification, request } from '../../protocol/read.ts'
import type { Remembered } from './remembered.ts'

/** A server that is slow to start cannot be asked to watch anything before it is up. */
const WATCH_ATTEMPTS = 6
const WATCH_PAUSE_MS = 500

export interface CatchUp {
  remembered: Remembered
  /** The result of a request in the new session; undefined where there is none. */
  ask(request: Message): Promise<Message | undefined>
  tell(notification: Buffer): void
  /** The new session is still the current one. */
  current(): boolean
}

export async function catchUp(session: CatchUp): Promise<void> {
  const { remembered, ask, tell, current } = session
  await Promise.all([watch(session), remembered.changes(ask).then((methods) => announce(methods))])

  function announce(methods: string[]): void {
    if (current()) for (const method of methods) tell(notification(method).bytes)
  }
}

async function watch({ remembered, ask, current }: CatchUp): Promise<void> {
  let left = remembered.watches()
  // The gateway answers a list when it knows what its servers have.
  if (left.length > 0) await ask(request('mcp-gw connect: resources', 'resources/list'))
  for (let attempt = 1; left.length > 0 && attempt <= WATCH_ATTEMPTS && current(); attempt++) {
    const results = await Promise.all(left.map(async (message) => ((await ask(message)) ? [] : [message])))
    // What the client has unsubscribed from meanwhile is not tried again.
    left = results.flat().filter((message) => remembered.watches().includes(message))
    if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, WATCH_PAUSE_MS * attempt))
  }
}
