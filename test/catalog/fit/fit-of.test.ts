/** What holds for a client is what the config says, else what is known of its version, else nothing in particular. */
import { describe, expect, it } from 'vitest'
import { fitOf, knownClient } from '../../../src/catalog/fit/fit-of.ts'
import { KNOWN_CLIENTS } from '../../../src/catalog/fit/known.ts'
import { clientOptions } from '../../../src/catalog/fit/options.ts'

const clients = (entries: Record<string, object>) =>
  Object.fromEntries(Object.entries(entries).map(([glob, entry]) => [glob, clientOptions.parse(entry)]))

describe('a client', () => {
  it('is known by its name in any case, with whatever it adds', () => {
    expect(knownClient({ name: 'Visual Studio Code - Insiders' })?.client).toBe('VS Code')
    expect(knownClient({ name: 'Visual Studio' })?.client).toBe('Visual Studio')
    expect(knownClient({ name: 'JetBrains-IU-copilot-intellij' })?.client).toBe('JetBrains and Xcode with Copilot')
    expect(knownClient({ name: 'CLINE' })?.client).toBe('Cline')
    expect(knownClient({ name: 'my-claude-code' })).toBeUndefined()
    expect(knownClient({ name: '' })).toBeUndefined()
  })

  it('of an older version has the record of its version, and without a version the newest', () => {
    const old = knownClient({ name: 'codex-mcp-client', version: '0.20.9' })
    expect(old?.before).toBe('0.21.0')
    for (const version of ['0.21.0', '0.21', '0.169.0', '1', 'v0.22.0-beta', 'Codex', '', undefined]) {
      expect(knownClient({ name: 'codex-mcp-client', version })?.before).toBeUndefined()
    }
    expect(knownClient({ name: 'codex-mcp-client', version: 'v0.9' })).toBe(old)
  })

  it('that nobody knows has nothing changed, and keeps what clients usually keep of instructions', () => {
    const fit = fitOf({}, { name: 'somebody' })
    expect(fit).toEqual({ client: undefined, key: '', instructions: { server: 2_048 } })
  })

  it('is what the first entry of the config that fits says, key by key', () => {
    const options = clients({ 'Claude-*': { tools: 7, instructions: { all: '1KB' } }, '*': { tools: 1 } })
    const fit = fitOf(options, { name: 'claude-code' })
    expect(fit.toolsMax).toBe(7)
    expect(fit.instructions).toEqual({ server: 2_048, all: 1_024 })
    expect(fit.passes).toEqual(knownClient({ name: 'claude-code' })?.facts.passes)
    expect(fitOf(options, { name: 'zed' }).toolsMax).toBe(1)
  })

  it('has an empty key exactly where its tools are shown as they are', () => {
    expect(fitOf(clients({ a: { tools: 3, instructions: { server: '1KB' } } }), { name: 'a' }).key).toBe('')
    expect(fitOf(clients({ 'zed*': { schemas: [] } }), { name: 'Zed' }).key).toBe('')
    for (const entry of [{ schemas: ['refs'] }, { tool_name: 40 }, { description: 200 }]) {
      expect(fitOf(clients({ a: entry }), { name: 'a' }).key).not.toBe('')
    }
  })
})

describe('the records', () => {
  it('say of every fact where it comes from, and of nothing else', () => {
    for (const { client, facts, sources } of KNOWN_CLIENTS) {
      expect([client, Object.keys(sources).sort()]).toEqual([client, Object.keys(facts).sort()])
    }
  })

  it('are all found by their own names, older versions first', () => {
    for (const record of KNOWN_CLIENTS) {
      const name = record.names[0]?.replaceAll('*', '') ?? ''
      expect(knownClient({ name, ...(record.before !== undefined && { version: '0.0.1' }) })).toBe(record)
    }
  })

  it('fit the shape of the config, so that whoever disagrees can say so', () => {
    for (const { facts } of KNOWN_CLIENTS) {
      const written = {
        ...(facts.nameMax && { tool_name: facts.nameMax }),
        ...(facts.passes && { schemas: facts.passes }),
        ...(facts.listChanges && { list_changes: facts.listChanges }),
      }
      expect(clientOptions.safeParse(written).success).toBe(true)
    }
  })
})
