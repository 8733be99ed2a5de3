/** Whom the gateway believes where a client works. */
import { describe, expect, it } from 'vitest'
import { reportedFolder } from '../../src/downstream/reported-folder.ts'

const report = (header: string | string[] | undefined, address = '127.0.0.1', headers: Record<string, string> = {}) =>
  reportedFolder({
    headers: { ...headers, ...(header !== undefined && { 'mcp-gw-cwd': header }) },
    socket: { remoteAddress: address },
  } as Parameters<typeof reportedFolder>[0])

describe('the folder that the bridge reports', () => {
  it('is taken from a process of this machine', () => {
    const folder = "/home/ada/Grüße (alt)'s !*~"
    for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1']) {
      expect(report(encodeURIComponent(folder), address)).toBe(folder)
    }
  })

  it('is not taken from another machine, nor from a web page', () => {
    for (const address of ['192.168.1.7', '10.127.0.1', '2001:db8::1', '::ffff:10.0.0.1', '']) {
      expect(report('%2Fhome', address)).toBeUndefined()
    }
    expect(report('%2Fhome', '127.0.0.1', { origin: 'http://localhost:3000' })).toBeUndefined()
  })

  it.each([
    undefined,
    '',
    'relative',
    '..%2Fup',
    '/home/ada',
    '%2Fhome%2',
    '%2Fa%FFb',
    '%2Fa%00b',
    '%2F',
    '%2Fhome, %2Fother',
    ['%2Fhome', '%2Fother'],
    `%2F${'a'.repeat(4_096)}`,
  ])('is none where the header is %j', (header) => {
    expect(report(header)).toBeUndefined()
  })
})
