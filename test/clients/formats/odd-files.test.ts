import fc, { type Arbitrary } from 'fast-check'
import { parseConfigFileTextToJson } from 'typescript'
import { describe, expect, test } from 'vitest'
import { type FormatName, FormatRefusal } from '../../../src/clients/formats/format.ts'
import { formats } from '../../../src/clients/formats/formats.ts'
import { type OddFile, oddJsonc, oddToml, oddYaml } from '../../support/odd-files.ts'

const GATEWAY = ['servers', 'mcp-gw']
const value = { url: 'http://127.0.0.1:39400/mcp', args: ['a b', 'c"d'], env: { KEY: 'x#y' }, enabled: true }
const files: [FormatName, Arbitrary<OddFile>][] = [
  ['jsonc', oddJsonc],
  ['toml', oddToml],
  ['yaml', oddYaml],
]
const RUNS = { numRuns: 200 }

/** Whether every character of one text stands in the other in the same order: nothing was taken away. */
function isWithin(text: string, other: string): boolean {
  let at = 0
  for (const char of other) if (char === text[at]) at++
  return at === text.length
}

function read(format: FormatName, text: string): Record<string, unknown> {
  const result = formats[format].read(text)
  if ('problem' in result) throw new Error(`${result.problem.message} in ${text}`)
  return result.value
}

describe.each(files)('%s', (name, arbitrary) => {
  const format = formats[name]

  test('an entry is added to any file, and nothing of the file is lost', () => {
    fc.assert(
      fc.property(arbitrary, ({ text, servers }) => {
        const added = format.set(text, GATEWAY, value)
        const before = read(name, text)
        expect(read(name, added)).toEqual({ ...before, servers: { ...(servers && (before.servers as object)), 'mcp-gw': value } })
        expect(isWithin(text, added), added).toBe(true)
        if (text.includes('\r\n')) expect(added.replaceAll('\r\n', '')).not.toContain('\n')
      }),
      RUNS,
    )
  })

  test('what was added is removed without a trace', () => {
    fc.assert(
      fc.property(arbitrary, ({ text, servers }) => {
        fc.pre(servers !== undefined && servers.length > 0)
        expect(format.remove(format.set(text, GATEWAY, value), GATEWAY)).toBe(text)
      }),
      RUNS,
    )
  })

  test('an entry that is changed leaves everything before and after it as it is', () => {
    fc.assert(
      fc.property(arbitrary, ({ text }) => {
        const added = format.set(text, GATEWAY, value)
        const slice = format.slice(added, GATEWAY) ?? ''
        const start = added.indexOf(slice)
        const changed = format.set(added, GATEWAY, { url: 'other' })
        expect(changed.startsWith(added.slice(0, start))).toBe(true)
        expect(changed.endsWith(added.slice(start + slice.length))).toBe(true)
        expect(format.set(added, GATEWAY, value)).toBe(added)
      }),
      RUNS,
    )
  })

  test('any other entry can be removed and put back, and nothing else changes', () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(), ({ text, servers }, pick) => {
        fc.pre(servers !== undefined && servers.length > 0)
        const key = ['servers', servers?.[pick % (servers?.length || 1)] ?? '']
        const before = read(name, text)
        const source = format.slice(text, key) ?? ''
        const old = (before.servers as Record<string, unknown>)[key[1] ?? '']
        const removed = unlessRefused(() => format.remove(text, key))
        if (removed === undefined) return
        // In JSON a comma may stand between an entry and its comment.
        expect(isWithin(source, text)).toBe(true)
        expect(isWithin(removed, `${text}{}`) || name === 'yaml').toBe(true)
        expect(read(name, format.insert(removed, key, source, old))).toEqual(before)
      }),
      RUNS,
    )
  })
})

/** Undefined where an alias or a shared line stands in the way; that is said, and nothing is written. */
function unlessRefused(edit: () => string): string | undefined {
  try {
    return edit()
  } catch (error) {
    expect(error).toBeInstanceOf(FormatRefusal)
    return undefined
  }
}

test('another reader of JSON with comments understands the same', () => {
  fc.assert(
    fc.property(oddJsonc, ({ text }) => {
      const added = formats.jsonc.set(text, GATEWAY, value)
      expect(parseConfigFileTextToJson('config.json', added.replace('\uFEFF', ''))).toEqual({ config: read('jsonc', added) })
    }),
    RUNS,
  )
})

describe.each(Object.keys(formats) as FormatName[])('%s', (name) => {
  test('no text makes it do anything but refuse', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,#=\n\r \t-&*!|>a1.\\/') }), (text) => {
        for (const edit of [() => formats[name].set(text, GATEWAY, value), () => formats[name].remove(text, GATEWAY)])
          unlessRefused(edit)
        formats[name].read(text)
      }),
      { numRuns: 1_000 },
    )
  })
})
