/** Root sets: equal where they mean the same folders, and only there. */
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/protocol/message.ts'
import { isMalformed, readMessage } from '../../src/protocol/read.ts'
import { folderOf, NO_ROOTS, readRoots, rootOf, rootSet, workFolder } from '../../src/protocol/roots.ts'

const uris = (...list: string[]): string[] => rootSet(list).roots.map(({ uri }) => uri)

/** A name of a folder, with everything that needs escaping. */
const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((name) => !/[/\0\\]|^\.{1,2}$/.test(name))
const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => `/${parts.join('/')}`)
const uri = path.map((one) => pathToFileURL(one).href)

/** The same URI in another spelling. */
const respelled = (one: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    one,
    `${one}/`,
    `${one}/.`,
    `${one}/sub/..`,
    one.replace('file:///', 'file://localhost/'),
    one.replace('file:///', 'FILE:///./'),
    `file://${new URL(one).pathname.replace(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`)}`,
  )

describe('a root set', () => {
  it('is the same whatever the order, the repetitions and the spelling of its URIs', () => {
    const variants = fc.array(uri, { maxLength: 5 }).chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.tuple(...[...list, ...list].map(respelled)).chain((all) => fc.shuffledSubarray(all, { minLength: all.length })),
      ),
    )
    fc.assert(
      fc.property(variants, ([list, other]) => {
        expect(rootSet(other)).toEqual(rootSet(list))
        expect(rootSet(other).id).toBe(rootSet(list).id)
      }),
    )
  })

  it('is another one for other folders', () => {
    fc.assert(
      fc.property(fc.array(path, { maxLength: 4 }), fc.array(path, { maxLength: 4 }), (some, others) => {
        const ids = [some, others].map((list) => rootSet(list.map((one) => pathToFileURL(one).href)).id)
        const same = JSON.stringify([...new Set(some)].sort()) === JSON.stringify([...new Set(others)].sort())
        expect(ids[0] === ids[1]).toBe(same)
      }),
    )
  })

  it('is sorted, has nothing twice, and is normal once and for all', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(uri, fc.string()), { maxLength: 6 }), (list) => {
        const once = uris(...list)
        expect(once).toEqual([...new Set(once)].sort())
        expect(uris(...once)).toEqual(once)
      }),
    )
  })

  it('leads to the folder that it was made of', () => {
    fc.assert(fc.property(path, (one) => folderOf(rootOf(one)) === one))
  })

  it('tells a folder by the name that its path gives', () => {
    expect(rootSet(['file:///home/ada/z%C3%BCrich/', 'file:///']).roots).toEqual([
      { uri: 'file:///' },
      { uri: 'file:///home/ada/z%C3%BCrich', name: 'zürich' },
    ])
  })

  it.each([
    'file://server/share',
    'file:///a%2Fb',
    'file:///a%00b',
    'file:///a%FFb',
    'file:///a?b',
    'file:///a#b',
    'https://a/b/',
    '/a/b',
    '',
  ])('takes %j as it is, which is no folder', (odd) => {
    expect(uris(odd)).toEqual([odd])
    expect(folderOf(rootSet([odd]))).toBeUndefined()
  })

  it('of several folders is no folder, and neither is the empty one', () => {
    expect(folderOf(rootSet(['file:///a', 'file:///b']))).toBeUndefined()
    expect(folderOf(NO_ROOTS)).toBeUndefined()
    expect(rootSet([]).id).toBe(NO_ROOTS.id)
  })
})

describe("a client's answer to roots/list", () => {
  const answer = (json: string): Message => {
    const message = readMessage(Buffer.from(json))
    if (isMalformed(message)) throw new Error(message.message)
    return message
  }
  const told = (result: unknown) => readRoots(answer(JSON.stringify({ jsonrpc: '2.0', id: 1, result })))

  it('gives its set', () => {
    expect(told({ roots: [{ uri: 'file:///b/', name: 'B' }, { uri: 'file:///a' }] })).toEqual(rootSet(['file:///a', 'file:///b']))
    expect(told({ roots: [] })?.id).toBe(NO_ROOTS.id)
  })

  it('gives none where it is an error or no answer at all', () => {
    expect(readRoots(answer('{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no","roots":[]}}'))).toBeUndefined()
    for (const odd of [null, 5, 'x', [], {}, { roots: 5 }, { roots: {} }]) expect(told(odd)).toBeUndefined()
  })

  it('may hold anything', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => told({ roots: [value, { uri: value }, { uri: 'file:///a' }] }) !== undefined),
    )
  })
})

describe('the folder that a program was started in', () => {
  it('is where it works, unless that is the whole file system', () => {
    expect(workFolder('/home/ada/project/')).toBe('/home/ada/project')
    for (const odd of ['/', '//', '/home/..', '', 'relative/path', '.', '/a\0b']) expect(workFolder(odd)).toBeUndefined()
  })
})
