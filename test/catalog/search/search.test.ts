/** A search finds what was meant: exact names first, the same every time, and nothing where nothing fits. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../../../src/catalog/catalog.ts'
import { toolEntries } from '../../../src/catalog/search/evaluation/evaluate.ts'
import { haystack } from '../../../src/catalog/search/evaluation/haystack.ts'
import { openSearch, type SearchOptions } from '../../../src/catalog/search/search.ts'
import { buildIndex } from '../../../src/catalog/search/search-index.ts'
import { recordedServers } from '../../support/catalogues.ts'

const engine = openSearch()
/** Hits as names and fits: definitions are long, and a comparison of them tells nothing more. */
const search = (...given: Parameters<typeof engine>): { name: string; target: string; fit: number }[] =>
  engine(...given).map(({ entry, fit }) => ({ name: entry.exposed, target: entry.target, fit }))
const recorded = toolEntries(recordedServers())
const index = buildIndex(recorded)

const find = (query: string, options?: SearchOptions): string[] => search(index, query, options).map(({ name }) => name)
const tools = (...names: string[]): Entry[] => toolEntries([{ server: 's', tools: names.map((name) => ({ name })) }])
const among = (entries: Entry[], query: string): string[] => search(buildIndex(entries), query).map(({ target }) => target)

describe('exact names', () => {
  test('every tool is found first by its exposed name, and among the first by its own, in any spelling', () => {
    const spellings = [
      (name: string) => name,
      (name: string) => name.toUpperCase(),
      (name: string) => name.replace(/[_-]+/g, ' '),
    ]
    for (const { exposed, target } of recorded) {
      for (const spell of spellings) {
        const twins = recorded.filter((other) => other.target.toLowerCase() === target.toLowerCase()).length
        expect(find(spell(exposed))[0]).toBe(exposed)
        expect(find(spell(target), { limit: twins })).toContain(exposed)
      }
    }
  })

  test('a name inside a question counts too', () => {
    expect(find('which arguments does kubectl_rollout take to delete a file?')[0]).toBe('kubernetes__kubectl_rollout')
    expect(find('use "browser_press_key" for the form')[0]).toBe('playwright__browser_press_key')
  })

  test('a tool that many call does not stand above the one that is named', () => {
    expect(find('update_issue', { used: (name) => (name === 'github__list_issues' ? 1e9 : 0) })[0]).toBe('github__update_issue')
  })
})

describe('what is meant', () => {
  test.each([
    ['forms of a word', 'listing pull requests', 'github__list_pull_requests'],
    ['another word for a thing', 'erase a mail', 'gmail__delete_email'],
    ['a turn of phrase', 'get rid of a directory entity in the graph', 'memory__delete_entities'],
    ['an abbreviation', 'merge the PR', 'github__merge_pull_request'],
    ['a typing mistake', 'github repositry search', 'github__search_repositories'],
    ['two words written as one', 'searchplaces', 'maps__maps_search_places'],
    ['what a well-known product is for', 'chat reaction', 'slack__slack_add_reaction'],
    ['the server that is named', 'create label in todoist', 'todoist__create_labels'],
  ])('is found by %s', (_how, query, name) => {
    expect(find(query, { limit: 3 })).toContain(name)
  })

  test('one word that a server writes for two of the query', () => {
    expect(among(tools('pullrequest_list', 'pull_rope', 'request_leave'), 'pull request')[0]).toBe('pullrequest_list')
  })

  test('who asks to look is shown tools that look', () => {
    expect(among(tools('create_report', 'delete_report', 'get_report', 'update_report'), 'the report')[0]).toBe('get_report')
    expect(among(tools('create_report', 'delete_report', 'get_report', 'update_report'), 'scrap the report')).toContain(
      'get_report',
    )
  })

  test('tools in other scripts are found by words of theirs', () => {
    const entries = toolEntries([
      {
        server: 's',
        tools: [{ name: 'a', description: '读取文件的内容' }, { name: 'b', description: '发送电子邮件' }, { name: 'c' }],
      },
    ])
    expect(among(entries, '读取文件')).toEqual(['a'])
  })
})

describe('the order', () => {
  test('is the same whatever order the tools came in', () => {
    const queries = ['create an issue', 'send a message', 'list files', 'delete', 'what is new']
    const expected = queries.map((query) => search(index, query))
    fc.assert(
      fc.property(fc.shuffledSubarray(recorded, { minLength: recorded.length }), (shuffled) => {
        const other = buildIndex(shuffled)
        for (const [at, query] of queries.entries()) expect(search(other, query)).toEqual(expected[at])
      }),
      { numRuns: 5 },
    )
  })

  test('puts the name that comes first where two tools are equally good', () => {
    expect(among(tools('report_b', 'report_a', 'report_c'), 'report')).toEqual(['report_a', 'report_b', 'report_c'])
  })

  test('prefers of two equal tools the one that is used, and no used tool to a better one', () => {
    const entries = tools('report_a', 'report_b', 'send_mail')
    const used = (name: string): number => (name === 's__report_b' ? 3 : name === 's__send_mail' ? 1e6 : 0)
    const found = search(buildIndex(entries), 'report mail about a', { used }).map(({ target }) => target)
    expect(search(buildIndex(entries), 'report', { used }).map(({ target }) => target)).toEqual(['report_b', 'report_a'])
    expect(found).toHaveLength(3)
  })
})

describe('what may be found', () => {
  test('is limited to a server', () => {
    const found = find('create a comment', { server: 'airtable', limit: 20 })
    expect(found[0]).toBe('airtable__create_comment')
    expect(found.every((name) => name.startsWith('airtable__'))).toBe(true)
    expect(find('create a comment', { server: 'nobody' })).toEqual([])
  })

  test('is limited to what the caller may call, by name too', () => {
    const allowed = ({ exposed }: Entry): boolean => !exposed.startsWith('github__')
    expect(find('create_issue', { allowed })).not.toContain('github__create_issue')
    expect(find('github repository', { allowed }).some((name) => name.startsWith('github__'))).toBe(false)
  })

  test('is as much as was asked for', () => {
    expect(find('list', { limit: 3 })).toHaveLength(3)
    expect(find('list')).toHaveLength(8)
  })

  test('a caller that fails leaves nothing behind for the next query', () => {
    const before = find('send a message')
    const allowed = (): boolean => {
      throw new Error('no')
    }
    expect(() => find('create a file', { allowed })).toThrow('no')
    expect(find('send a message')).toEqual(before)
  })
})

describe('where nothing fits', () => {
  test.each(['play some music', 'xyzzy', '', '   ', '😀😎🎉', '!!!', '\u0000'])('%j finds nothing', (query) => {
    expect(find(query)).toEqual([])
  })

  test('the nearest names can still be asked for', () => {
    expect(find('weather forecast for tomorrow', { fitMin: 0, limit: 3 }).length).toBeGreaterThan(0)
  })

  test('there are no tools at all', () => {
    expect(search(buildIndex([]), 'anything')).toEqual([])
    expect(search(buildIndex([]), '')).toEqual([])
  })

  test.each([
    ['a hundred kilobytes of words', 'read the file '.repeat(7_500)],
    ['a hundred kilobytes of one word', 'x'.repeat(100_000)],
    ['a hundred kilobytes of names', 'create_issue '.repeat(7_500)],
    ['signs that mean something elsewhere', '(((.*)+)+)+$ [a-z]{1000} ../../ %s ${x} <b> \\'],
    ['members of every object', 'constructor __proto__ toString hasOwnProperty'],
  ])('%s are answered like any other query', (_what, query) => {
    expect(find(query).length).toBeLessThanOrEqual(8)
  })
})

describe('an index that takes over what has not changed', () => {
  const changed = (entries: Entry[], server: string): Entry[] => {
    const other = toolEntries([{ server, tools: [{ name: 'brew_coffee', description: 'Brews a cup of coffee' }] }])
    return [...entries.filter((entry) => entry.server !== server), ...other]
  }

  test('answers as one that is built anew', () => {
    const entries = changed(recorded, 'slack')
    const taken = buildIndex(entries, index)
    for (const query of ['brew a cup', 'send a message', 'list channels', 'delete a label']) {
      expect(search(taken, query)).toEqual(search(buildIndex(entries), query))
    }
    expect(taken.parts.filter(({ segment }) => index.parts.some((part) => part.segment === segment))).toHaveLength(17)
  })

  test('does not take a typing mistake for a word that only the tools before had', () => {
    const now = tools('start_kubernatix')
    const before = buildIndex(tools('start_kubernetix', 'start_kubernatix'))
    expect(among(now, 'kubernetis')).toEqual(['start_kubernatix'])
    expect(search(buildIndex(now, before), 'kubernetis')).toEqual(search(buildIndex(now), 'kubernetis'))
  })

  test('leaves the one before as it was', () => {
    const before = find('brew a cup of coffee')
    buildIndex(changed(recorded, 'slack'), index)
    expect(find('brew a cup of coffee')).toEqual(before)
  })

  test('takes the same tools of a server over although they were read anew, and not those whose text has changed', () => {
    const again = buildIndex(toolEntries(recordedServers()), index)
    expect(again.parts.every(({ segment }, part) => segment === index.parts[part]?.segment)).toBe(true)
    const described = recordedServers().map((one) => ({
      ...one,
      tools: one.tools.map((tool) => ({ ...tool, description: 'x' })),
    }))
    expect(
      buildIndex(toolEntries(described), index).parts.some(({ segment }, part) => segment === index.parts[part]?.segment),
    ).toBe(false)
  })

  test('forgets words that no tool has any more, when they have become many', () => {
    const names = Array.from({ length: 26 }, (_, at) => String.fromCharCode(97 + at).repeat(5))
    let last = buildIndex([])
    for (const name of names) last = buildIndex(tools(name), last)
    expect(last.dictionary.size).toBeLessThan(names.length / 2)
    expect(search(last, 'zzzzz')[0]?.target).toBe('zzzzz')
  })
})

test('a search takes turns between indexes of different sizes', () => {
  const large = buildIndex(toolEntries(haystack(3_000)))
  const small = buildIndex(tools('send_mail'))
  for (let turn = 0; turn < 3; turn++) {
    expect(search(small, 'mail')).toHaveLength(1)
    expect(search(large, 'list invoices')[0]?.target).toMatch(/list.*invoice/i)
  }
})

test('whatever servers send as definitions can be searched', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 }), fc.string(), (definitions, query) => {
      const entries = toolEntries([{ server: 's', tools: definitions.map((one, at) => ({ ...one, name: `tool_${at}` })) }])
      expect(search(buildIndex(entries), query).length).toBeLessThanOrEqual(entries.length)
    }),
  )
})
