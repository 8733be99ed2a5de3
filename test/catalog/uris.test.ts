/** A prefixed URI can be taken apart again, and results change nowhere but where they name resources. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exposeUris, prefixedUri, unprefixedUri } from '../../src/catalog/uris.ts'
import { splice } from '../../src/protocol/message.ts'
import { anyStringText, jsonText, objectWith } from '../protocol/json-text.ts'

describe('a prefixed URI', () => {
  test('gives back the server and its own URI', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/), fc.string({ unit: 'grapheme' }), (server, uri) => {
        expect(unprefixedUri(prefixedUri(server, uri))).toEqual({ server, uri })
      }),
    )
  })

  test.each(['', 'file:///a', 'mcp-gw:/a/b', 'mcp-gw://server', 'MCP-GW://a/b'])('%j is none', (uri) => {
    expect(unprefixedUri(uri)).toBeUndefined()
  })
})

/** The JSON after the edits. */
function exposed(json: string, expose: (uri: string) => string): string {
  const bytes = Buffer.from(json)
  return Buffer.concat(splice(bytes, exposeUris(bytes, 0, expose))).toString()
}

/** The same by parsing. */
function byParsing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(byParsing)
  if (typeof value !== 'object' || value === null) return value
  const named = (key: string, member: unknown): boolean => typeof member === 'string' && (key === 'uri' || key === 'resourceUri')
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, named(key, member) ? `p/${member}` : byParsing(member)]),
  )
}

describe('exposing', () => {
  const value = objectWith({
    uri: anyStringText,
    resourceUri: jsonText,
    resource: objectWith({ uri: anyStringText }),
    list: jsonText,
  })

  test('changes what parsing would change, at every depth and in every spelling', () => {
    fc.assert(
      fc.property(fc.oneof(value, jsonText), (text) => {
        const json = JSON.parse(exposed(text, (uri) => `p/${uri}`)) as unknown
        expect(JSON.stringify(json)).toBe(JSON.stringify(byParsing(JSON.parse(text))))
      }),
      { numRuns: 1_000 },
    )
  })

  test('with nothing to change leaves every byte', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(exposed(text, (uri) => uri)).toBe(text)
      }),
    )
  })

  test('changes no text that only looks like a resource, and no number', () => {
    const result =
      '{"content":[{"type":"text","text":"see x://1","uri" : "x://1"}],"n":123456789012345678901234567890,"x://1":["x://1"]}'
    expect(exposed(result, (uri) => `p/${uri}`)).toBe(result.replace('"uri" : "x://1"', '"uri" : "p/x://1"'))
  })

  test('takes time in proportion to the size, however deep it goes', () => {
    const deep = `{"a":${'['.repeat(900)}"${'x'.repeat(1_000_000)}"${']'.repeat(900)}}`
    const before = performance.now()
    expect(exposed(deep, (uri) => uri)).toBe(deep)
    expect(performance.now() - before).toBeLessThan(500)
  })
})
