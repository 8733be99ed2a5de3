import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/std/secret.ts'
import { fingerprint, OPTION_PART } from '../../src/upstream/fingerprint.ts'
import { type ServerOptions, serverOptions } from '../../src/upstream/options.ts'

const local = { command: 'node', args: ['a', 'b'], env: { A: '1', B: '2' }, cwd: '/x' }
const remote = { url: 'http://127.0.0.1:1/mcp', headers: { Authorization: 'Bearer x' } }
const of = (input: object): string => fingerprint(serverOptions.parse(input))

describe('another process is needed for', () => {
  test.each<[string, object, object]>([
    ['command', local, { command: 'deno' }],
    ['args', local, { args: ['a', 'c'] }],
    ['the order of args', local, { args: ['b', 'a'] }],
    ['a value of env', local, { env: { A: '1', B: '3' } }],
    ['a name of env', local, { env: { A: '1', C: '2' } }],
    ['cwd', local, { cwd: '/y' }],
    ['no cwd', local, { cwd: undefined }],
    ['instances', local, { instances: 'session' }],
    ['url', remote, { url: 'http://127.0.0.1:2/mcp' }],
    ['a header', remote, { headers: { Authorization: 'Bearer y' } }],
    ['protocol', remote, { protocol: 'stateless' }],
    ['type', remote, { type: 'sse' }],
    ['tls_skip_verify', remote, { tls_skip_verify: true }],
    ['a quirk', remote, { quirks: { normalize_sse_events: true } }],
    ['a secret that has changed', { ...local, env: { A: new Secret('1', '${A}') } }, { env: { A: new Secret('2', '${A}') } }],
  ])('%s', (_what, before, change) => {
    expect(of({ ...before, ...change })).not.toBe(of(before))
  })
})

describe('the same process goes on for', () => {
  test.each<[string, object, object]>([
    ['timeout', local, { timeout: '3s' }],
    ['start_timeout', local, { start_timeout: '3s' }],
    ['tools', local, { tools: { allow: ['x'], deny: ['y'] } }],
    ['required', local, { required: true }],
    ['disabled', local, { disabled: true }],
    ['the order of env', local, { env: { B: '2', A: '1' } }],
    ['the case of a header name', remote, { headers: { authorization: 'Bearer x' } }],
    ['a default that is written out', local, { instances: 'shared', quirks: {} }],
    ['a text that now comes from elsewhere', local, { env: { A: new Secret('1', '${ONE}'), B: '2' } }],
  ])('%s', (_what, before, change) => {
    expect(of({ ...before, ...change })).toBe(of(before))
  })
})

test('every option is known to be part of the process or of the gateway', () => {
  expect(Object.keys(OPTION_PART).sort()).toEqual(Object.keys(serverOptions.shape).sort())
})

test('it shows nothing of what went into it', () => {
  const secret = 'a-secret-of-some-length'
  const print = of({ ...local, env: { A: new Secret(secret, '${A}') } })
  expect(print).toMatch(/^[\w-]{43}$/)
  for (const form of [secret, Buffer.from(secret).toString('base64url')]) expect(print).not.toContain(form)
})

test('two entries have one fingerprint exactly when all that a process is made of is equal', () => {
  const options = fc.record({
    command: fc.constantFrom('a', 'b', 'a b'),
    args: fc.array(fc.constantFrom('', 'x', 'y', 'x","y'), { maxLength: 3 }),
    env: fc.dictionary(fc.constantFrom('A', 'B', 'A=1'), fc.constantFrom('', '1', '2'), { maxKeys: 2 }),
    timeout: fc.constantFrom('1s', '2s'),
  })
  const made = ({ command, args, env }: ServerOptions): string =>
    JSON.stringify([command, args, Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))])
  fc.assert(
    fc.property(options, options, (a, b) => {
      const [one, two] = [serverOptions.parse(a), serverOptions.parse(b)]
      expect(fingerprint(one) === fingerprint(two)).toBe(made(one) === made(two))
    }),
    { numRuns: 500 },
  )
})
