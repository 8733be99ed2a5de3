/** What came from outside the config is never printed, and no text makes the loader throw. */
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatProblem } from '../../src/config/problem.ts'
import { bad, good, load } from './parsed.ts'

const EVERYWHERE = `
servers:
  a:
    command: "\${WHOLE}"
    env: { A: "\${S}", B: "Bearer \${S}", C: "\${file:s}" }
    cwd: \${S}
  b: { command: "npx --key \${S} '\${S} x'" }
  c: { url: "https://x/\${S}", headers: { Authorization: "Bearer \${S}" } }
  d: { command: x, args: ["\${S}", "--y=\${file:s}"] }
  e: { disabled: true, command: x, env: { A: "\${S} \${MISSING}" } }
`

const BROKEN = `
listen: { port: "\${S}", hostt: "\${S}" }
log: { level: "\${S}" }
catalog: { instructions: "\${S}" }
servers:
  a: { url: "\${S}", type: "\${S}", disabled: "\${S}" }
  b: { command: "\${CMD}", env: { A: "\${S} \${MISSING}" } }
  c: { command: "x \${S} |" }
  d: { url: "https://\${S}:\${S}@\${S}:\${S}", timeout: "\${S}" }
`

/** Distinct enough to be found nowhere by accident, and with everything that quoting could trip over. */
const secrets = fc
  .string({ unit: fc.constantFrom('"', "'", '\\', ' ', '|', '$', '{', '}', '\n', 'é', '%', '~', ':', '#', 'q') })
  .map((tail) => `S3cr3t${tail}`)

describe('a secret', () => {
  test('is in no form of a loaded config, and the redactor knows it', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, async (secret) => {
        const env = { S: secret, WHOLE: "S3cr3t-cmd --flag 'S3cr3t x'" }
        const { config, redactor } = await good(EVERYWHERE, { env, files: { '/project/s': `S3cr3t-file${secret}\n` } })
        for (const printed of [JSON.stringify(config), inspect(config, { depth: 9, showHidden: true }), inspect(redactor)]) {
          expect(printed).not.toContain('S3cr3t')
        }
        const line = `a ${secret} b ${JSON.stringify({ secret })} S3cr3t-file${secret.replace(/[\r\n]+$/, '')} S3cr3t-cmd`
        expect(redactor.scrub(line)).not.toContain('S3cr3t')
      }),
    )
  })

  test('is in no problem', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, async (secret) => {
        const loaded = await load(BROKEN, { env: { S: secret, CMD: `${secret} | ${secret}` } })
        const problems = 'problems' in loaded ? loaded.problems : []
        expect(problems.length).toBeGreaterThan(8)
        expect(problems.map(formatProblem).join('\n')).not.toContain('S3cr3t')
      }),
    )
  })

  test('is scrubbed from logs under the name it has in the file, whole and in part', async () => {
    const source = 'servers: { a: { url: "http://x", headers: { A: "Bearer ${TOKEN}" } } }'
    const { redactor } = await good(source, { env: { TOKEN: 'sekret-123' } })
    expect(redactor.scrub('sent Bearer sekret-123')).toBe('sent Bearer ${TOKEN}')
    expect(redactor.scrub('sent sekret-123')).toBe('sent ${TOKEN}')
  })

  test('is what came from outside: a default that the file shows does not blank out logs', async () => {
    const source = 'servers: { a: { url: "http://${HOST:-localhost}:${PORT:-3000}" } }'
    const { redactor } = await good(source)
    expect(redactor.scrub('listening on http://localhost:3000')).toBe('listening on http://localhost:3000')
  })
})

describe('any text', () => {
  /** Never throws, and gives a config or at least one problem that stands within the text. */
  async function holds(source: string): Promise<void> {
    const loaded = await load(source, { env: { A: 'x y', B: '7' } })
    if (!('problems' in loaded)) return
    expect(loaded.problems.length).toBeGreaterThan(0)
    const lines = source.split('\n').length
    for (const problem of loaded.problems) {
      expect(problem.line).toBeGreaterThan(0)
      expect(problem.line).toBeLessThanOrEqual(lines)
      expect(problem.column).toBeGreaterThan(0)
      expect(problem.message).not.toBe('')
      expect(formatProblem(problem)).not.toMatch(/undefined|\[object|Invalid input|NaN/)
    }
  }

  test('is a config or a list of problems', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), holds), { numRuns: 300 })
  })

  test('of the words of a config too', async () => {
    const words = [
      'servers:',
      'listen:',
      'command: ',
      'args: ',
      'url: ',
      'a:',
      'port: ',
      'mcpServers:',
      '${A}',
      '${B',
      '$${',
      '"',
      "'",
    ]
    const marks = [
      '\n',
      '\n  ',
      '\n    ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ', ',
      '&x ',
      '*x',
      '!t ',
      '# ',
      '|',
      '>\n',
      '---',
      '~',
      '1',
      'true',
      'x',
    ]
    const text = fc.array(fc.constantFrom(...words, ...marks), { maxLength: 40 }).map((parts) => parts.join(''))
    await fc.assert(fc.asyncProperty(text, holds), { numRuns: 400 })
  })

  test('and any JSON under the keys of a config', async () => {
    const key = fc.constantFrom(
      'servers',
      'mcpServers',
      'a',
      'command',
      'args',
      'env',
      'url',
      'listen',
      'port',
      'log',
      'tools',
      'disabled',
    )
    const leaf = fc.oneof(
      fc.constantFrom('${A}', '${B}', '${C}', 'npx -y x', 'http://x', '', '~'),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    const file = fc.dictionary(key, tree, { maxKeys: 4 })
    await fc.assert(
      fc.asyncProperty(file, (config) => holds(JSON.stringify(config, null, 1))),
      { numRuns: 400 },
    )
  })
})

test('an empty list of problems never stands for a config', async () => {
  // Nothing can be settled here although the server is disabled: the value of a list has no default to fall back to.
  expect(await bad('servers: { a: { disabled: true, command: x, tools: { deny: ["${A}", {}] } } }')).not.toEqual([])
})
