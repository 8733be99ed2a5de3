/** A catalog holds everything once, under names that lead back, and gives the same bytes for the same servers. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Catalog, type Part } from '../../src/catalog/catalog.ts'
import { globMatcher } from '../../src/std/glob.ts'
import { EMPTY_LISTING, type Item, type Listing, readItem, type Section } from '../../src/upstream/listing.ts'

const NAMES = { prefixed: true, lengthMax: 48 }
const KEYS = { tools: 'name', prompts: 'name', resources: 'uri', templates: 'uriTemplate' }

const item = (section: Section, json: object): Item => readItem(Buffer.from(JSON.stringify(json)), KEYS[section]) as Item

function part(
  server: string,
  lists: Partial<Record<Section, (string | object)[]>>,
  allowed = (_tool: string): boolean => true,
): Part {
  const entries = Object.entries(lists).map(([section, all]) => [
    section,
    all.map((one) => item(section as Section, typeof one === 'string' ? { [KEYS[section as Section]]: one } : one)),
  ])
  return { server, listing: { ...EMPTY_LISTING, ...(Object.fromEntries(entries) as Listing) }, allowed }
}

const listed = (catalog: Catalog, section: Section): Record<string, unknown>[] =>
  Object.values(catalog.list(section).body)[0] as Record<string, unknown>[]

const serverName = fc.stringMatching(/^[a-z](?:[_.-]?[a-z0-9]){0,5}$/)
const toolName = fc.oneof(fc.stringMatching(/^[a-z_]{1,4}$/), fc.string({ unit: 'grapheme', maxLength: 60 }))
const uri = fc.constantFrom('file:///a', 'file:///b', 'x://1', 'x://2', 'mcp-gw://s/x://1')
const parts = fc
  .uniqueArray(fc.tuple(serverName, fc.array(toolName, { maxLength: 6 }), fc.array(uri, { maxLength: 4 })), {
    selector: ([name]) => name,
    maxLength: 5,
  })
  .map((all) => all.map(([name, tools, uris]) => part(name, { tools, prompts: tools, resources: uris, templates: uris })))

describe('names', () => {
  test('every tool that is listed leads to itself, and every tool of every server is listed once', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const catalog = new Catalog(all, NAMES)
        const names = listed(catalog, 'tools').map(({ name }) => String(name))
        expect(new Set(names).size).toBe(names.length)
        const reached = names.map((name) => `${catalog.tools.get(name)?.server} ${catalog.tools.get(name)?.target}`)
        const wanted = new Set(all.flatMap(({ server, listing }) => listing.tools.map((tool) => `${server} ${tool.key}`)))
        expect(reached.toSorted()).toEqual([...wanted].toSorted())
      }),
      { numRuns: 250 },
    )
  })

  test('a name does not change because another server comes', () => {
    fc.assert(
      fc.property(parts, (all) => {
        fc.pre(all.length > 1)
        const before = [...new Catalog(all.slice(1), NAMES).tools.values()].map((one) => [one.server, one.target, one.exposed])
        const after = [...new Catalog(all, NAMES).tools.values()].filter(({ server }) => server !== all[0]?.server)
        expect(after.map((one) => [one.server, one.target, one.exposed])).toEqual(before)
      }),
      { numRuns: 250 },
    )
  })

  test('a tool that is listed twice means the first', () => {
    const twice = [
      { name: 'a', title: 'one' },
      { name: 'a', title: 'two' },
    ]
    expect(listed(new Catalog([part('s', { tools: twice })], NAMES), 'tools')).toEqual([{ name: 's__a', title: 'one' }])
  })
})

describe('bytes', () => {
  test('are the same in whatever order the servers come', () => {
    fc.assert(
      fc.property(
        parts.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const one = new Catalog(all, NAMES)
          const other = new Catalog(shuffled, NAMES)
          for (const section of Object.keys(KEYS) as Section[])
            expect(other.list(section).bytes.equals(one.list(section).bytes)).toBe(true)
        },
      ),
    )
  })

  test('are those of the server but for the name', () => {
    const tool = '{ "x":1.0, "name" : "a", "n":123456789012345678901234567890, "_meta":{"k":"\\u00e9"} }'
    const one = { ...part('s', {}), listing: { ...EMPTY_LISTING, tools: [readItem(Buffer.from(tool), 'name') as Item] } }
    expect(new Catalog([one], NAMES).list('tools').bytes.toString()).toContain(tool.replace('"a"', '"s__a"'))
  })

  test('go by server, and within a server as it lists', () => {
    const catalog = new Catalog([part('b', { tools: ['z', 'a'] }), part('a', { tools: ['m'] })], NAMES)
    expect([...catalog.tools.keys()]).toEqual(['a__m', 'b__z', 'b__a'])
  })
})

describe('resources', () => {
  test('that several servers have are all there, each under a URI that leads to its server alone', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const catalog = new Catalog(all, NAMES)
        for (const section of ['resources', 'templates'] as const) {
          const reached = [...catalog[section]].map(([exposed, entry]) => {
            expect(catalog.owners(exposed, [])[0]).toMatchObject({ server: entry.server, target: entry.target })
            return `${entry.server} ${entry.target}`
          })
          const wanted = new Set(all.flatMap(({ server, listing }) => listing[section].map(({ key }) => `${server} ${key}`)))
          expect(reached.toSorted()).toEqual([...wanted].toSorted())
        }
      }),
      { numRuns: 250 },
    )
  })

  test('what a server says of its own resource is told under the URI that clients know', () => {
    const catalog = new Catalog(
      [part('a', { resources: ['x://1', 'x://2'] }), part('b', { resources: ['x://1', 'x://3'] })],
      NAMES,
    )
    expect([...catalog.resources.keys()]).toEqual(['x://1', 'x://2', 'mcp-gw://b/x://1', 'x://3'])
    expect(['x://1', 'x://3', 'x://other'].map((one) => catalog.exposedUri('b', one))).toEqual([
      'mcp-gw://b/x://1',
      'x://3',
      'x://other',
    ])
    expect(catalog.exposedUri('a', 'x://1')).toBe('x://1')
  })

  test('that nobody lists are asked of those whose templates fit, then of the rest', () => {
    const catalog = new Catalog([part('a', {}), part('b', { templates: ['db://{table}/{id}'] })], NAMES)
    expect(catalog.owners('db://users/7', ['a', 'b']).map(({ server }) => server)).toEqual(['b', 'a'])
    expect(catalog.owners('mcp-gw://b/x://1', ['a'])).toEqual([{ server: 'b', target: 'x://1' }])
    expect(catalog.owners('mcp-gw://nobody/x://1', ['a'])).toEqual([{ server: 'a', target: 'mcp-gw://nobody/x://1' }])
  })
})

describe('allow and deny', () => {
  test('nothing listed is refused and nothing refused is listed', () => {
    const glob = fc.oneof(fc.constantFrom('*', '*_*', 'a*', '[a-c]*', '?', '{a,b}*'), fc.stringMatching(/^[a-z_]{1,3}\*?$/))
    fc.assert(
      fc.property(fc.array(toolName), fc.option(fc.array(glob)), fc.array(glob), (tools, allow, deny) => {
        const allowed = (tool: string): boolean => (allow === null || globMatcher(allow)(tool)) && !globMatcher(deny)(tool)
        const catalog = new Catalog([part('s', { tools, prompts: tools }, allowed)], NAMES)
        const shown = listed(catalog, 'tools').map(({ name }) => catalog.tools.get(String(name))?.target as string)
        expect(new Set(shown)).toEqual(new Set(tools.filter(allowed)))
        // What is not in the map cannot be called; prompts have no such rule.
        expect(catalog.tools.size).toBe(shown.length)
        expect(catalog.prompts.size).toBe(new Set(tools).size)
      }),
      { numRuns: 250 },
    )
  })
})
