/** Where the values of a server's inputs come from, and what becomes of the entry with and without them. */
import { describe, expect, test } from 'vitest'
import { fillInputs, withInputs } from '../../../src/cli/add/inputs.ts'
import type { Questions } from '../../../src/cli/interactive.ts'
import type { Input } from '../../../src/config/known-servers.ts'

const KEY: Input = { name: 'KEY', required: true, secret: true }
const MODE: Input = { name: 'MODE', required: false, secret: false, default: 'fast', choices: ['fast', 'slow'] }
const DIR: Input = { name: 'dir', required: true, secret: false, about: 'the folder' }

/** A person who answers in this order, and what was asked. */
function person(...answers: string[]): { questions: Questions; asked: string[] } {
  const asked: string[] = []
  const answer = async (message: string): Promise<never> => {
    asked.push(message)
    return answers.shift() as never
  }
  return { questions: { secret: answer, text: answer, select: answer, confirm: answer }, asked }
}

async function filled(
  inputs: Input[],
  { given = {}, env = {}, answers }: { given?: Record<string, string>; env?: NodeJS.ProcessEnv; answers?: string[] },
) {
  const { questions, asked } = person(...(answers ?? []))
  let told = 0
  const { values, missing } = await fillInputs(inputs, { given, env, questions: answers && questions, tell: () => told++ })
  return { values: Object.fromEntries(values), missing: missing.map(({ name }) => name), asked, told }
}

describe('the value of an input', () => {
  test('is given, or in the environment, or asked for, in this order', async () => {
    expect(await filled([KEY], { given: { KEY: 'g' }, env: { KEY: 'e' }, answers: ['a'] })).toMatchObject({
      values: { KEY: { value: 'g' } },
      asked: [],
      told: 0,
    })
    expect(await filled([KEY], { env: { KEY: 'e' }, answers: ['a'] })).toMatchObject({
      values: { KEY: 'environment' },
      asked: [],
    })
    expect(await filled([KEY, DIR], { answers: ['a', '/d'] })).toMatchObject({
      values: { KEY: { value: 'a' }, dir: { value: '/d' } },
      asked: ['KEY', 'dir: the folder'],
      told: 1,
    })
  })

  test('is missing where it is needed and nobody can be asked', async () => {
    expect(await filled([KEY, MODE, DIR], {})).toMatchObject({
      values: { MODE: { value: 'fast' } },
      missing: ['KEY', 'dir'],
      told: 0,
    })
  })

  test('that only stands for one is asked for', async () => {
    expect(await filled([KEY], { given: { KEY: '<your key>' }, answers: ['real'] })).toMatchObject({
      values: { KEY: { value: 'real' } },
    })
    expect(await filled([KEY], { given: { KEY: 'YOUR_API_KEY_HERE' } })).toMatchObject({ missing: ['KEY'] })
  })

  test('may be left out, or left at what is usual', async () => {
    const optional = { ...KEY, required: false }
    expect(await filled([optional, { ...MODE, choices: [] }], { answers: ['', ''] })).toMatchObject({
      values: { MODE: { value: 'fast' } },
      asked: ['KEY (optional, Enter leaves it out)', 'MODE (Enter takes fast)'],
    })
  })
})

test('the entry gets what is no secret, names what is one, and loses what nobody gave', () => {
  const entry = {
    command: 'srv',
    args: ['--dir', '${dir}', '--x=${GONE}'],
    env: { K: '${KEY}', M: '${MODE}', G: '${GONE}', L: 'mere' },
  }
  const inputs = [KEY, MODE, DIR, { ...MODE, name: 'GONE' }]
  const values = new Map([
    ['KEY', { value: 'sekret' }],
    ['MODE', { value: 'a ${b}' }],
    ['dir', { value: '/d' }],
  ])
  expect(withInputs(entry, inputs, values)).toEqual({
    command: 'srv',
    args: ['--dir', '/d'],
    env: { K: '${KEY}', M: 'a $${b}', L: 'mere' },
  })
  expect(withInputs({ url: 'https://x', headers: { A: 'Bearer ${KEY}' } }, [KEY], new Map())).toEqual({ url: 'https://x' })
})
