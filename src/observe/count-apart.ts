/** Counts tokens in a process of its own: the tables of the tokenizer take 70 MB, which go with the process that needed them. */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { withoutLongRuns } from './tokens.ts'

/** The name of the encoding, for every number that is shown. */
const TOKENIZER = 'o200k_base'

const COUNT_MS_MAX = 30_000
const ANSWER_BYTES_MAX = 10_000_000

const PROGRAM = `
const { countTokens } = require(process.argv[1])
let input = ''
process.stdin.setEncoding('utf8').on('data', (text) => { input += text }).on('end', () => {
  process.stdout.write(JSON.stringify(JSON.parse(input).map((parts) => parts.reduce((sum, text) => sum + countTokens(text, { disallowedSpecial: new Set() }), 0))))
})`

/** The number of tokens of each text, in o200k_base. Rejects where the tokenizer is not installed or takes too long. */
export function countApart(texts: readonly string[]): Promise<number[]> {
  const tokenizer = createRequire(import.meta.url).resolve(`gpt-tokenizer/encoding/${TOKENIZER}`)
  const limits = { timeout: COUNT_MS_MAX, maxBuffer: ANSWER_BYTES_MAX, killSignal: 'SIGKILL' as const }
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, ['-e', PROGRAM, tokenizer], { ...limits, env: {} }, (error, stdout) => {
      if (error) reject(error)
      else resolve(JSON.parse(stdout) as number[])
    })
    child.stdin?.on('error', () => {
      // It has ended before it read everything; how it ended is what is reported.
    })
    child.stdin?.end(JSON.stringify(texts.map(withoutLongRuns)))
  })
}
