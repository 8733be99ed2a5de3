/** Clients without a session: whom a lease serves and for how long, and how long what was given out can be handed back. */
import { describe, expect, it } from 'vitest'
import { Endpoint } from '../../src/gateway/endpoint.ts'
import { Generation } from '../../src/gateway/generation.ts'
import { Conversation } from '../../src/gateway/stateless/conversation.ts'
import type { Lease } from '../../src/gateway/stateless/lease.ts'
import { Leases } from '../../src/gateway/stateless/leases.ts'
import { ParkedCalls } from '../../src/gateway/stateless/parked.ts'
import { digestOf, Seal } from '../../src/gateway/stateless/seal.ts'
import { along } from '../../src/gateway/stateless/stream.ts'
import { readEnvelope } from '../../src/protocol/envelope.ts'
import type { Message } from '../../src/protocol/message.ts'
import { notification, readMessage, request } from '../../src/protocol/read.ts'
import { page, type Wish } from '../support/stateless.ts'

const generation = new Generation(new Map(), {} as never)
const door = new Endpoint({ generation })
const origin = { door, wishes: {} }
const MINUTE = 60_000

function messageOf(method: string, params: Record<string, unknown> = {}, wish: Wish = {}): Message {
  return readMessage(Buffer.from(page(method, params, wish).body)) as Message
}

const envelope = (wish: Wish = {}) => readEnvelope(messageOf('tools/list', {}, wish))

function leasing(clients = 100): { leases: Leases; ended: Lease[] } {
  const ended: Lease[] = []
  const limits = () => ({ clients, idle: 30 * MINUTE })
  return { leases: new Leases({ begun: () => undefined, ended: (lease) => void ended.push(lease), limits }), ended }
}

const ASKED = { capabilities: { elicitation: {} } }

describe('a lease', () => {
  it('serves any number of calls of a client that can be asked nothing', () => {
    const { leases } = leasing()
    expect(leases.take(origin, envelope())).toBe(leases.take(origin, envelope()))
  })

  it('serves one call at a time of a client that can be asked, and the next one after it', () => {
    const { leases } = leasing()
    const [first, second] = [leases.take(origin, envelope(ASKED)), leases.take(origin, envelope(ASKED))]
    expect(second).not.toBe(first)
    leases.free(first)
    expect(leases.take(origin, envelope(ASKED))).toBe(first)
  })

  it.each<[string, Wish, object]>([
    ['other capabilities', ASKED, {}],
    ['another log level', { logLevel: 'info' }, {}],
    ['another name', { meta: { 'io.modelcontextprotocol/clientInfo': { name: 'other', version: '1' } } }, {}],
    ['another folder', {}, { folder: '/elsewhere' }],
    ['a connection of its own', {}, { connection: 'a' }],
    ['another surface', {}, { wishes: { surface: 'search' } }],
  ])('does not serve a client with %s', (_, wish, elsewhere) => {
    const { leases } = leasing()
    expect(leases.take(origin, envelope())).not.toBe(leases.take({ ...origin, ...elsewhere }, envelope(wish)))
  })

  it('has the same owner for what is kept, whatever the client wants to hear this time', () => {
    const { leases } = leasing()
    const owner = (wish: Wish, elsewhere = {}) => leases.take({ ...origin, ...elsewhere }, envelope(wish)).owner
    expect(owner({ logLevel: 'info' })).toBe(owner({}))
    expect(owner(ASKED)).not.toBe(owner({}))
    expect(owner({}, { connection: 'a' })).not.toBe(owner({}))
    expect(owner({ meta: { 'io.modelcontextprotocol/clientInfo': { name: 'other' } } })).not.toBe(owner({}))
  })

  it('of which something was learned that may not hold again ends with its call', () => {
    const { leases, ended } = leasing()
    const lease = leases.take(origin, envelope(ASKED))
    lease.spent = true
    leases.free(lease)
    expect([ended, leases.size]).toEqual([[lease], 0])
  })

  it('ends when nobody has come for long: the first of a kind like a session, those beside it after a minute', () => {
    const { leases, ended } = leasing()
    const [first, second] = [leases.take(origin, envelope(ASKED)), leases.take(origin, envelope(ASKED))]
    const now = Date.now()
    leases.sweep(now + 60 * MINUTE)
    expect(ended).toEqual([])
    leases.free(first)
    leases.free(second)
    leases.sweep(now + 2 * MINUTE)
    expect(ended).toEqual([second])
    leases.sweep(now + 31 * MINUTE)
    expect(ended).toEqual([second, first])
  })

  it('is refused where there are too many', () => {
    const { leases } = leasing(1)
    leases.take(origin, envelope(ASKED))
    expect(() => leases.take(origin, envelope(ASKED))).toThrow(expect.objectContaining({ code: 'overloaded' }))
  })
})

describe('parked calls', () => {
  const elicitation = request(0, 'elicitation/create', { message: 'm', requestedSchema: {} })
  const sampling = request(0, 'sampling/createMessage', { messages: [] })
  const able = { capabilities: { elicitation: {}, sampling: {} } }

  function conversation() {
    const lease = leasing().leases.take(origin, envelope(able))
    const call = new Conversation(lease, messageOf('tools/call', { name: 't' }, able))
    return { call, answers: [call.ask(elicitation).answer, call.ask(sampling).answer] as const }
  }

  it('can be resumed once, by the name that they were parked under', () => {
    const parked = new ParkedCalls(() => ({ parked: 10, answer: MINUTE }))
    const { call } = conversation()
    const name = parked.park(call, 0)
    expect(parked.resume('another')).toBeUndefined()
    expect([parked.resume(name), parked.resume(name), parked.size]).toEqual([call, undefined, 0])
  })

  it('are given up when their time is over: whoever asked hears of it, and the call is cancelled', async () => {
    const parked = new ParkedCalls(() => ({ parked: 10, answer: MINUTE }))
    const { call, answers } = conversation()
    const cancelled = new Promise<string>((resolve) => {
      call.exchange.onCancel = resolve
    })
    parked.park(call, 0)
    parked.sweep(MINUTE - 1)
    expect(parked.size).toBe(1)
    parked.sweep(MINUTE)
    expect(parked.size).toBe(0)
    expect((await answers[0]).body).toEqual({ action: 'cancel' })
    await expect(answers[1]).rejects.toMatchObject({ code: 'timeout' })
    expect(await cancelled).toContain('in time')
  })

  it('are bounded: beyond that the one that has waited longest is given up', async () => {
    const parked = new ParkedCalls(() => ({ parked: 2, answer: MINUTE }))
    const calls = [conversation(), conversation(), conversation()]
    const names = calls.map(({ call }) => parked.park(call, 0))
    expect(parked.size).toBe(2)
    expect(names.map((name) => parked.resume(name) !== undefined)).toEqual([false, true, true])
    await expect(calls[0]?.answers[1]).rejects.toMatchObject({ code: 'timeout' })
  })
})

describe('a sealed state', () => {
  const state = { kind: 'relay', state: 'of the server' } as const

  it('opens for the request that it was made for, until its time is over', () => {
    let now = 0
    const seal = new Seal(() => now)
    const text = seal.close(state, 'digest', MINUTE)
    expect(seal.open(text, 'digest')).toEqual(state)
    expect(() => seal.open(text, 'other')).toThrow(/another request/)
    now = MINUTE + 1
    expect(() => seal.open(text, 'digest')).toThrow(/expired/)
  })

  it('of another gateway is none, nor is one with a letter changed', () => {
    const text = new Seal().close(state, 'digest', MINUTE)
    const seal = new Seal()
    expect(() => seal.open(text, 'digest')).toThrow(/not one that this gateway gave out/)
    const own = seal.close(state, 'digest', MINUTE)
    for (const at of [0, 5, own.length - 1]) {
      for (const letter of 'ABCDEFGH') {
        const changed = `${own.slice(0, at)}${letter}${own.slice(at + 1)}`
        if (changed !== own) expect(() => seal.open(changed, 'digest')).toThrow(/not one that this gateway gave out/)
      }
    }
  })

  it('belongs to a request whatever the order of its members, and whatever its answers and its client say', () => {
    const of = (params: Record<string, unknown>, wish?: Wish) =>
      digestOf(messageOf('tools/call', params, wish), { door: { key: 'door' } })
    const one = of({ name: 't', arguments: { a: 1, b: [2] } })
    expect(of({ arguments: { b: [2], a: 1 }, name: 't', inputResponses: {}, requestState: 'x' }, { logLevel: 'info' })).toBe(one)
    expect(of({ name: 't', arguments: { a: 1, b: [3] } })).not.toBe(one)
    expect(of({ name: 'u', arguments: { a: 1, b: [2] } })).not.toBe(one)
    const params = messageOf('tools/call', { name: 't', arguments: { a: 1, b: [2] } })
    for (const way of [{ door: { key: 'other' } }, { door: { key: 'door' }, connection: 'a' }]) {
      expect(digestOf(params, way)).not.toBe(one)
    }
  })
})

describe('what a server says during a call', () => {
  const text = (chunks: readonly Buffer[] | undefined) => chunks && (JSON.parse(Buffer.concat(chunks).toString()) as Message)
  const progress = [notification('notifications/progress', { progressToken: 1, progress: 5 }).bytes]
  const began = messageOf('tools/call', { name: 't' }, { meta: { progressToken: 1 } })

  it('is progress under the token of the request that waits, if that has one', () => {
    const again = messageOf('tools/call', { name: 't' }, { meta: { progressToken: 'again' } })
    expect(text(along(progress, began, began))?.params.progressToken).toBe(1)
    expect(text(along(progress, began, again))?.params.progressToken).toBe('again')
    expect(along(progress, began, messageOf('tools/call', { name: 't' }))).toBeUndefined()
  })

  it.each(['notifications/tools/list_changed', 'notifications/resources/updated', 'notifications/elicitation/complete'])(
    'is never %s',
    (method) => {
      expect(along([notification(method, { uri: 'a:b' }).bytes], began, began)).toBeUndefined()
    },
  )

  it('is a log message from the level on that the request names', () => {
    const wanting = messageOf('tools/call', { name: 't' }, { logLevel: 'warning' })
    const log = (level: string) => [notification('notifications/message', { level, data: 'x' }).bytes]
    expect(along(log('error'), began, wanting)).toBeDefined()
    expect(along(log('info'), began, wanting)).toBeUndefined()
    expect(along(log('emergency'), began, began)).toBeUndefined()
  })
})
