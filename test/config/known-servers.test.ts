/** Every server of the catalogue can be added: its entry is one of ours, and each of its inputs has a place. */
import { describe, expect, test } from 'vitest'
import { movedTo } from '../../src/clients/import/moved.ts'
import { addServer } from '../../src/config/edit/edit.ts'
import { knownServers, searchKnown } from '../../src/config/known-servers.ts'
import { formatProblem } from '../../src/config/problem.ts'
import catalogue from '../../templates/known-servers.json' with { type: 'json' }
import { bad, good } from './parsed.ts'

const all = await knownServers()

describe.each(all)('$id', ({ id, entry, inputs = [], docs, title, about, category, auth, confidence }) => {
  test('is an entry that the config takes', async () => {
    const added = addServer(id, entry)('', 'mcp-gw.yaml')
    if ('problems' in added) throw new Error(added.problems.map(formatProblem).join('\n'))
    const env = Object.fromEntries(inputs.map(({ name }) => [name, 'given']))
    expect(await bad(added.text, { env })).toEqual([])
    expect(Object.keys((await good(added.text, { env })).config.servers)).toEqual([id])
  })

  test('asks for exactly what its entry names', () => {
    const named = [...JSON.stringify(entry).matchAll(/\$\{([^}]+)\}/g)].map(([, name]) => name)
    expect([...new Set(named)].sort()).toEqual(inputs.map(({ name }) => name).sort())
  })

  test('says what it is, how to get in and where to read more', () => {
    for (const text of [title, about, category]) expect(text).not.toBe('')
    expect(docs).toMatch(/^https:\/\//)
    expect(['none', 'optional key', 'key', 'key or login', 'login', 'app login']).toContain(auth)
    expect(['high', 'medium']).toContain(confidence)
    expect(inputs.some(({ secret }) => secret)).toBe(/key/.test(auth) && inputs.length > 0)
    if (auth === 'key') expect(inputs.some(({ required, secret }) => required && secret)).toBe(true)
  })
})

test('addresses that have moved lead to where they are now, and no server is at an old one', () => {
  for (const [from, to] of Object.entries(catalogue.moved)) {
    expect(movedTo(from)).toBe(to)
    expect(all.map(({ entry }) => entry.url)).not.toContain(from)
  }
})

test('is searched by every word, in the name, the description and the category', () => {
  expect(searchKnown(all, 'WEB search').map(({ id }) => id)).toContain('tavily')
  expect(searchKnown(all, 'tavily nonsense')).toEqual([])
  expect(searchKnown(all, '')).toHaveLength(all.length)
})
