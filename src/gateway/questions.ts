/** What servers have asked one client and it has not answered yet. */
import type { Asked } from '../call/exchange.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { Chunks, Message } from '../protocol/message.ts'
import { notification } from '../protocol/read.ts'

/** Where messages to a client go: the answer stream of one request, or the stream of a whole session. */
export interface Outlet {
  send(message: Chunks): void
}

interface Open {
  readonly question: Message
  readonly asked: Asked
  resolve(answer: Message): void
  reject(error: GatewayError): void
}

/** The open questions, under ids that are unique for this client. */
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
