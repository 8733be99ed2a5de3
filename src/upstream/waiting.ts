/** A request that was sent over HTTP and has no answer yet, with what it takes to resume the stream of the answer. */
import type { Chunks } from '../protocol/message.ts'
import type { HttpHandle } from './http-line.ts'

export interface Waiting {
  readonly message: Chunks
  /** The session it was sent in. */
  readonly session: string | undefined
  handle: HttpHandle | undefined
  lastEventId: string | undefined
  /** The pause that the server asks for before a resumption. */
  retryMs: number
  /** Resumptions in a row that brought nothing. */
  resumes: number
  /** The answer comes on an event stream. */
  streaming: boolean
  /** Runs while that stream is open although it has brought the answer. */
  linger: NodeJS.Timeout | undefined
}

const RETRY_MS = 1_000

export function newWaiting(message: Chunks, session: string | undefined): Waiting {
  const stream = { lastEventId: undefined, retryMs: RETRY_MS, resumes: 0, streaming: false, linger: undefined }
  return { message, session, handle: undefined, ...stream }
}
