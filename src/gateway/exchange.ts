/** A request of a client of the session era, and the questions that go the other way while it is answered. */
import type { Asked, Exchange } from '../call/exchange.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { Chunks, Message } from '../protocol/message.ts'
import { notification } from '../protocol/read.ts'
import type { Session } from './session.ts'

/** Where messages to a client go: the answer stream of one request, or the stream of a whole session. */
export interface Outlet {
  send(message: Chunks): void
}

export class SessionExchange implements Exchange {
  readonly era = 'session'
  readonly request: Message
  readonly client: Session
  cancelled: string | undefined
  onCancel: ((reason: string) => void) | undefined
  readonly #outlet: Outlet

  constructor(session: Session, request: Message, outlet: Outlet) {
    this.client = session
    this.request = request
    this.#outlet = outlet
  }

  emit(message: Chunks): void {
    if (this.cancelled === undefined) this.#outlet.send(message)
  }

  ask(question: Message): Asked {
    return this.client.questions.ask(question, this.#outlet)
  }

  cancel(reason: string): void {
    if (this.cancelled !== undefined) return
    this.cancelled = reason
    this.onCancel?.(reason)
  }
}

interface Open {
  readonly question: Message
  readonly asked: Asked
  resolve(answer: Message): void
  reject(error: GatewayError): void
}

/** What servers have asked one client and it has not answered, under ids that are unique for this client. */
export class Questions {
  readonly #open = new Map<number, Open>()
  #nextId = 1

  ask(question: Message, outlet: Outlet): Asked {
    const id = this.#nextId++
    const edits = [{ start: question.idStart, end: question.idEnd, json: String(id) }]
    if (question.tokenStart >= 0) edits.push({ start: question.tokenStart, end: question.tokenEnd, json: String(id) })
    let settle: Pick<Open, 'resolve' | 'reject'> | undefined
    const answer = new Promise<Message>((resolve, reject) => {
      settle = { resolve, reject }
    })
    const asked: Asked = {
      answer,
      onProgress: undefined,
      withdraw: () => {
        if (this.#open.delete(id)) outlet.send([notification('notifications/cancelled', { requestId: id }).bytes])
      },
    }
    this.#open.set(id, { question, asked, ...(settle as Pick<Open, 'resolve' | 'reject'>) })
    outlet.send(question.with(...edits))
    return asked
  }

  /** The client answers; an answer to no question of ours is dropped. */
  answer(message: Message): void {
    const open = this.#open.get(message.idNumber)
    this.#open.delete(message.idNumber)
    open?.resolve(message)
  }

  /** The client tells how far it is with an answer. */
  progress(message: Message): void {
    const open = this.#open.get(Number(message.text(message.progressStart, message.progressEnd)))
    if (!open || open.question.tokenStart < 0) return
    const json = open.question.text(open.question.tokenStart, open.question.tokenEnd)
    open.asked.onProgress?.(message.with({ start: message.progressStart, end: message.progressEnd, json }))
  }

  /** The client is gone: nobody will answer. */
  close(): void {
    for (const open of this.#open.values()) open.reject(new GatewayError('cancelled', 'the client is gone'))
    this.#open.clear()
  }
}
