/** A prefixed URI can be taken apart again, and results change nowhere but where they name resources. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exposeUris, prefixedUri, unprefixedUri } from '../../src/catalog/uris.ts'
import type { Json } from '../../src/protocol/message.ts'

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

describe('exposing', () => {
  test('with nothing to change, any JSON stays as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue() as fc.Arbitrary<Json>, (value) => {
        expect(exposeUris(value, (uri) => uri)).toEqual(value)
      }),
    )
  })

  test('changes resources at every depth, and no text that looks like one', () => {
    const result = {
      content: [
        { type: 'resource_link', uri: 'x://1', name: 'x://1' },
        { type: 'resource', resource: { uri: 'x://1', text: 'x://1' } },
        { type: 'text', text: 'see x://1' },
      ],
      structuredContent: { 'x://1': 'x://1', n: 5, none: null },
      _meta: { ui: { resourceUri: 'x://1' } },
    }
    expect(exposeUris(result as Json, (uri) => `p/${uri}`)).toEqual({
      content: [
        { type: 'resource_link', uri: 'p/x://1', name: 'x://1' },
        { type: 'resource', resource: { uri: 'p/x://1', text: 'x://1' } },
        { type: 'text', text: 'see x://1' },
      ],
      structuredContent: { 'x://1': 'x://1', n: 5, none: null },
      _meta: { ui: { resourceUri: 'p/x://1' } },
    })
  })

  test('a member called __proto__ is a member like any other', () => {
    const value = JSON.parse('{"__proto__":{"uri":"x://1"},"a":1}') as Json
    expect(JSON.stringify(exposeUris(value, (uri) => `p/${uri}`))).toBe('{"__proto__":{"uri":"p/x://1"},"a":1}')
  })
})
