/** Web pages and other hosts are kept out by Host and Origin, however these are written. */
import { describe, expect, test } from 'vitest'
import { createGuard } from '../../src/downstream/guard.ts'
import { listenOptions } from '../../src/downstream/options.ts'
import { fakeRequest } from './fake-response.ts'

const refusal = (listen: object, headers: Record<string, string | undefined>) =>
  createGuard(listenOptions.parse(listen))(fakeRequest(headers))

describe('the host', () => {
  test.each([
    [{}, 'localhost'],
    [{}, 'localhost:39400'],
    [{}, 'LocalHost:1'],
    [{}, '127.0.0.1:39400'],
    [{}, '[::1]'],
    [{}, '[::1]:39400'],
    [{ host: '::1' }, '[::1]:39400'],
    [{ host: '192.168.1.5', insecure: true }, '192.168.1.5:39400'],
    [{ host: 'fd00::7', insecure: true }, '[fd00::7]:39400'],
    [{ hosts: ['Gateway.Internal'] }, 'gateway.internal:80'],
  ])('%j lets %s pass', (listen, host) => {
    expect(refusal(listen, { host })).toBeUndefined()
  })

  test.each([
    undefined,
    '',
    'evil.example',
    'evil.example:39400',
    'localhost.evil.example',
    'localhost.',
    'localhost:39400@evil.example',
    'localhost:',
    'localhost:abc',
    'localhost:39400:39400x',
    '127.0.0.1.evil.example',
    '127.0.0.2',
    '127.1',
    '2130706433',
    '0.0.0.0:39400',
    '::1',
    '[::1',
    '[::ffff:127.0.0.1]',
    '[::1]evil.example',
    'localhost evil.example',
    'localhost,evil.example',
    '192.168.1.5',
  ])('%j is refused, with the mend', (host) => {
    expect(refusal({}, { host })).toContain('listen.hosts')
  })
})

describe('the origin', () => {
  const host = 'localhost:39400'

  test.each([
    [{}, undefined],
    [{}, 'http://localhost:3000'],
    [{}, 'https://localhost'],
    [{}, 'http://LOCALHOST:3000'],
    [{}, 'http://127.0.0.1:6274'],
    [{}, 'http://[::1]:5173'],
    [{ origins: ['https://app.example'] }, 'https://app.example'],
  ])('%j lets %s pass', (listen, origin) => {
    expect(refusal(listen, { host, origin })).toBeUndefined()
  })

  test.each([
    '',
    'null',
    'https://evil.example',
    'http://localhost.evil.example',
    'http://evil.example/localhost',
    'http://localhost@evil.example',
    'http://127.0.0.1.nip.example',
    'http://localhost.:3000',
    'http://[::ffff:7f00:1]:3000',
    'file://',
    'data:text/html,x',
    'localhost',
    'localhost:3000',
    '//localhost',
    'http://localhost http://evil.example',
  ])('%j is refused, with the mend', (origin) => {
    expect(refusal({}, { host, origin })).toContain('listen.origins')
  })

  test('an allowed origin is that one and no other of the same host', () => {
    for (const origin of [
      'http://app.example',
      'https://app.example:8443',
      'https://sub.app.example',
      'https://app.example.evil.example',
    ]) {
      expect(refusal({ origins: ['https://app.example'] }, { host, origin })).toContain('listen.origins')
    }
  })

  test('does not make up for a foreign host: that is how rebinding works', () => {
    expect(refusal({}, { host: 'evil.example', origin: 'http://localhost' })).toContain('listen.hosts')
    expect(refusal({}, { host: 'evil.example', origin: 'http://evil.example' })).toContain('listen.hosts')
  })
})
