/**
 * What the gateway has asked the client and got no answer to yet. Each question has an id of ours: a gateway that was restarted
 * counts from one again, and an answer to an old question must not be taken for one to a new question.
 */
import type { Chunks, Edit, Message } from '../../protocol/message.ts'
import { notification } from '../../protocol/read.ts'
import type { Link } from './link.ts'

interface Open {
  readonly link: Link
  /** The gateway's id, and its progress token where it wants to hear of progress, as JSON text. */
  readonly id: string
  readonly token: string
}

export class Questions {
  readonly #open = new Map<string, Open>()
  #nextId = 1

  /** The question as the client gets it. */
  ask(link: Link, question: Message): Chunks {
    const json = String(this.#nextId++)
    const token = question.text(question.tokenStart, question.tokenEnd)
    this.#open.set(json, { link, id: question.id, token })
    const edits: Edit[] = [{ start: question.idStart, end: question.idEnd, json }]
    if (token) edits.push({ start: question.tokenStart, end: question.tokenEnd, json })
    return question.with(...edits)
  }

  /** The gateway no longer wants an answer; undefined where the client never heard of the question. */
  withdrawn(link: Link, cancelled: Message): Chunks | undefined {
    const id = cancelled.text(cancelled.requestIdStart, cancelled.requestIdEnd)
    for (const [json, open] of this.#open) {
      if (open.link !== link || open.id !== id) continue
      this.#open.delete(json)
      return cancelled.with({ start: cancelled.requestIdStart, end: cancelled.requestIdEnd, json })
    }
    return undefined
  }

  /** Where the client's answer goes, and its bytes; undefined where nobody waits for it. */
  answered(answer: Message): { link: Link; bytes: Buffer } | undefined {
    const open = this.#open.get(answer.id)
    if (!open) return undefined
    this.#open.delete(answer.id)
    return { link: open.link, bytes: Buffer.concat(answer.withId(open.id)) }
  }

  /** Where news of the client's work on a question goes. */
  progressed(progress: Message): { link: Link; bytes: Buffer } | undefined {
    const open = this.#open.get(progress.text(progress.progressStart, progress.progressEnd))
    if (!open?.token) return undefined
    const edit = { start: progress.progressStart, end: progress.progressEnd, json: open.token }
    return { link: open.link, bytes: Buffer.concat(progress.with(edit)) }
  }

  /** The gateway is gone: what it asked is called off. */
  lost(link: Link): Buffer[] {
    const notices: Buffer[] = []
    for (const [json, open] of this.#open) {
      if (open.link !== link) continue
      this.#open.delete(json)
      notices.push(
        notification('notifications/cancelled', { requestId: Number(json), reason: 'the gateway was restarted' }).bytes,
      )
    }
    return notices
  }
}
