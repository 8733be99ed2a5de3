/** Keeps one `subscriptions/listen` open with all that we want to hear of a stateless server (specification: Subscriptions). */
import { asGatewayError, GatewayError } from '../../protocol/errors.ts'
import { dropMembers, membersOf } from '../../protocol/members.ts'
import type { Json, JsonObject, Message } from '../../protocol/message.ts'
import { SUBSCRIPTION_KEY } from '../../protocol/meta-keys.ts'
import { notification, readMessage } from '../../protocol/read.ts'
import { Backoff } from '../../std/backoff.ts'
import type { Line } from '../dialect.ts'
import type { ListKind } from '../instance-setup.ts'

const KINDS: readonly ListKind[] = ['tools', 'prompts', 'resources']
const METHOD_NOT_FOUND = -32601
const PAUSES = { base: 1_000, max: 30_000 }

/** One request of ours to listen. */
interface Stream {
  readonly id: number
  readonly uris: ReadonlySet<string>
  acknowledged: boolean
}

/** Somebody who waits to hear that a resource is watched. */
interface Waiter {
  readonly uri: string
  settle(error?: GatewayError): void
}

export class Listening {
  readonly #line: Line
  readonly #open: (id: number, params: object) => void
  readonly #backoff = new Backoff(() => PAUSES)
  readonly #uris = new Set<string>()
  readonly #waiters = new Set<Waiter>()
  #kinds: readonly ListKind[] = []
  /** Those that are open, the newest last: an older one ends when the newer one is acknowledged, so that nothing is missed. */
  #streams: Stream[] = []
  #timer: NodeJS.Timeout | undefined
  #changing = false
  /** What came while nobody listened is lost. */
  #missed = false
  #stopped = false

  /** `open` sends the request under this id, with these parameters. */
  constructor(line: Line, open: (id: number, params: object) => void) {
    this.#line = line
    this.#open = open
  }

  /** Listens for changes of the lists that the server announces. */
  begin(capabilities: JsonObject): void {
    this.#kinds = KINDS.filter((kind) => isObject(capabilities[kind]) && capabilities[kind].listChanged === true)
    if (this.#kinds.length > 0) this.#change()
  }

  /** Resolves when the server has said that it watches the resource. */
  watch(uri: string, timeoutMs: number): Promise<void> {
    this.#uris.add(uri)
    const watched = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => waiter.settle(this.#refusal(uri, 'did not say in time that it does')), timeoutMs)
      const waiter: Waiter = {
        uri,
        settle: (error) => {
          clearTimeout(late)
          this.#waiters.delete(waiter)
          if (!error) return resolve()
          this.#uris.delete(uri)
          reject(error)
        },
      }
      this.#waiters.add(waiter)
    })
    this.#change()
    return watched
  }

  unwatch(uri: string): void {
    if (this.#uris.delete(uri)) this.#change()
  }

  /** Takes what belongs to the streams themselves, and hands on what they tell; false for all other messages. */
  takes(message: Message, on: number | undefined): boolean {
    const { method, kind } = message
    if (kind === 'result') return this.#ended(message.idNumber)
    if (kind === 'error') return this.#refused(message)
    if (method === 'notifications/cancelled')
      return this.#ended(Number(message.text(message.requestIdStart, message.requestIdEnd)))
    if (method === 'notifications/subscriptions/acknowledged') {
      this.#acknowledged(on ?? Number(metaOf(message)[SUBSCRIPTION_KEY]), message)
      return true
    }
    if (method !== 'notifications/resources/updated') return false
    this.#line.setup.events.updated(withoutSubscription(message))
    return true
  }

  failed(id: number, error: GatewayError): void {
    if (!this.#remove(id)) return
    this.#refuseAll(error)
    this.#again()
  }

  close(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#refuseAll(new GatewayError('interrupted', `${this.#line.setup.name} was stopped`))
  }

  /** Changes of the same moment are one change. */
  #change(): void {
    if (this.#changing || this.#stopped) return
    this.#changing = true
    setImmediate(() => {
      this.#changing = false
      clearTimeout(this.#timer)
      this.#listen()
    })
  }

  #listen(): void {
    if (this.#stopped || this.#line.closed) return
    if (this.#kinds.length === 0 && this.#uris.size === 0) return this.#endAllBefore(undefined)
    const id = this.#line.takeId()
    this.#streams.push({ id, uris: new Set(this.#uris), acknowledged: false })
    const lists = this.#kinds.map((kind) => [`${kind}ListChanged`, true] as const)
    const resources = this.#uris.size > 0 ? { resourceSubscriptions: [...this.#uris] } : {}
    this.#open(id, { notifications: { ...Object.fromEntries(lists), ...resources } })
  }

  #acknowledged(id: number, message: Message): void {
    const stream = this.#streams.find((one) => one.id === id)
    if (!stream || stream.acknowledged) return
    stream.acknowledged = true
    this.#endAllBefore(stream)
    this.#backoff.succeed()
    const { notifications } = message.params
    const honoured =
      isObject(notifications) && Array.isArray(notifications.resourceSubscriptions) ? notifications.resourceSubscriptions : []
    for (const waiter of [...this.#waiters]) {
      if (!stream.uris.has(waiter.uri)) continue
      waiter.settle(honoured.includes(waiter.uri) ? undefined : this.#refusal(waiter.uri, 'says that it does not'))
    }
    if (this.#missed) this.#catchUp()
  }

  /** Nobody knows what has changed meanwhile: the lists are read, and whoever watches a resource is told to read it. */
  #catchUp(): void {
    this.#missed = false
    const { events } = this.#line.setup
    for (const kind of this.#kinds) events.listChanged(kind)
    for (const uri of this.#uris) events.updated(notification('notifications/resources/updated', { uri }))
  }

  #endAllBefore(stream: Stream | undefined): void {
    const at = stream === undefined ? this.#streams.length : this.#streams.indexOf(stream)
    for (const { id } of this.#streams.splice(0, at)) {
      this.#line.end(id, 'what is listened for has changed')
    }
  }

  /** The server has ended a stream in order. */
  #ended(id: number): boolean {
    if (!this.#remove(id)) return false
    this.#again()
    return true
  }

  #refused({ idNumber, body }: Message): boolean {
    if (!this.#remove(idNumber)) return false
    const { name, log } = this.#line.setup
    this.#refuseAll(new GatewayError('unavailable', `${name} refused to be listened to: ${String(body.message)}`))
    if (body.code !== METHOD_NOT_FOUND) this.#again()
    else log.warn({ server: name }, 'it announces changes but cannot be listened to: they show when it is started again')
    return true
  }

  #remove(id: number): boolean {
    const at = this.#streams.findIndex((one) => one.id === id)
    if (at < 0) return false
    this.#streams.splice(at, 1)
    return true
  }

  /** Listens anew after a pause, unless another stream is open that hears the same. */
  #again(): void {
    if (this.#stopped || this.#streams.length > 0) return
    this.#missed = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#listen(), this.#backoff.fail()).unref()
  }

  #refuseAll(error: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.settle(asGatewayError(error))
  }

  #refusal(uri: string, words: string): GatewayError {
    return new GatewayError('unavailable', `${this.#line.setup.name} was asked to watch ${uri} and ${words}`)
  }
}

/** The notification without the id of our stream, which means nothing to a client. */
function withoutSubscription(message: Message): Message {
  const { bytes, metaStart, paramsStart } = message
  const inMeta = metaStart < 0 ? [] : membersOf(bytes, metaStart)
  const edits = inMeta.every(({ key }) => key === SUBSCRIPTION_KEY)
    ? dropMembers(membersOf(bytes, paramsStart), (key) => key === '_meta')
    : dropMembers(inMeta, (key) => key === SUBSCRIPTION_KEY)
  return edits.length === 0 ? message : (readMessage(Buffer.concat(message.with(...edits))) as Message)
}

function metaOf({ params }: Message): JsonObject {
  return isObject(params._meta) ? params._meta : {}
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
