/** A POST is answered as JSON, or as a stream once something has to come before the result, as far as the client takes it. */
import { describe, expect, test } from 'vitest'
import { Answer } from '../../src/downstream/answer.ts'
import { HttpSession } from '../../src/downstream/http-session.ts'
import { FakeResponse, fakeRequest } from './fake-response.ts'

const message = (text: string): Buffer[] => [Buffer.from(text)]
const BOTH = 'application/json, text/event-stream'

function open(accept: string | undefined) {
  const res = new FakeResponse()
  const http = new HttpSession()
  return { res, http, answer: new Answer(fakeRequest({ accept }), res.asResponse, http) }
}

describe('the answer', () => {
  test.each([BOTH, 'application/json', '*/*', undefined])('to a client that accepts %s is JSON', (accept) => {
    const { res, answer } = open(accept)
    answer.finish(message('{"a":"é"}'))
    expect([res.status, res.headers['content-type'], res.headers['content-length']]).toEqual([200, 'application/json', 10])
    expect(res.ended).toBe(true)
  })

  test('to a client that takes neither is refused before anything is done', () => {
    expect(() => open('text/html')).toThrow(expect.objectContaining({ code: 'not_acceptable' }))
  })

  test('to a client that takes nothing but a stream is a stream', () => {
    const { res, answer } = open('text/event-stream')
    answer.finish(message('{}'))
    expect([res.headers['content-type'], res.data, res.ended]).toEqual(['text/event-stream', ['{}'], true])
  })

  test('becomes a stream when something comes first, and can be resumed', () => {
    const { res, http, answer } = open(BOTH)
    answer.send(message('"progress"'))
    answer.finish(message('"result"'))
    expect([res.headers['content-type'], res.data, res.ended]).toEqual(['text/event-stream', ['"progress"', '"result"'], true])
    const again = new FakeResponse()
    http.stream('r1')?.attach(again.asResponse, false, 1)
    expect(again.data).toEqual(['"result"'])
  })

  test('stays JSON for a client that takes no stream; what comes first waits on the stream of the session', () => {
    const { res, http, answer } = open('application/json')
    answer.send(message('"progress"'))
    answer.finish(message('"result"'))
    expect([res.headers['content-type'], res.text]).toEqual(['application/json', '"result"'])
    const push = new FakeResponse()
    http.push.attach(push.asResponse, false)
    expect(push.data).toEqual(['"progress"'])
  })

  test('to a call that was cancelled is no message', () => {
    const { res, answer } = open(BOTH)
    answer.finish(undefined)
    expect([res.status, res.text, res.ended]).toEqual([202, '', true])
    const streaming = open(BOTH)
    streaming.answer.send(message('"progress"'))
    streaming.answer.finish(undefined)
    expect([streaming.res.data, streaming.res.ended]).toEqual([['"progress"'], true])
  })

  test('to a client that went away is kept for its return', () => {
    const { res, http, answer } = open(BOTH)
    answer.send(message('"progress"'))
    res.destroy()
    answer.finish(message('"result"'))
    const again = new FakeResponse()
    http.stream('r1')?.attach(again.asResponse, false, 1)
    expect([again.data, again.ended]).toEqual([['"result"'], true])
  })
})
