/** The evaluation set is what its description says, the figures are counted right, and the search stays as good as it was. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  type EvaluationSet,
  halfOf,
  parseEvaluationSet,
  type Question,
  unknownAnswers,
} from '../../../src/catalog/search/evaluation/data.ts'
import { evaluate } from '../../../src/catalog/search/evaluation/evaluate.ts'
import { haystack } from '../../../src/catalog/search/evaluation/haystack.ts'
import { falseAnswers, type Quality, qualityOf } from '../../../src/catalog/search/evaluation/measure.ts'
import { words } from '../../../src/catalog/search/words.ts'
import { estimateTokens } from '../../../src/observe/tokens.ts'
import { recordedServers } from '../../support/catalogues.ts'

const set = parseEvaluationSet(
  JSON.parse(readFileSync(new URL('../../search/queries.json', import.meta.url), 'utf8')),
) as EvaluationSet
const servers = recordedServers()
const instruments = { countTokens: estimateTokens, now: () => 0 }
const question = (answers: Record<string, 1 | 2>): Question => ({ query: 'q', style: 'all', answers })

describe('the set', () => {
  const answerable = set.questions.filter(({ answers }) => Object.keys(answers).length > 0)

  test('asks at least 120 questions over at least 150 tools of at least 15 servers, some of which have no answer', () => {
    expect(servers.length).toBeGreaterThanOrEqual(15)
    expect(servers.flatMap(({ tools }) => tools).length).toBeGreaterThanOrEqual(150)
    expect(answerable.length).toBeGreaterThanOrEqual(120)
    expect(set.questions.length - answerable.length).toBeGreaterThanOrEqual(20)
    expect(
      answerable.filter(({ answers }) => Object.values(answers).filter((grade) => grade === 2).length > 1).length,
    ).toBeGreaterThan(10)
  })

  test('names only tools that there are, and every question has a right one', () => {
    expect(unknownAnswers(set.questions, servers)).toEqual([])
    for (const { answers } of answerable) expect(Object.values(answers)).toContain(2)
  })

  test('asks nothing twice, and no question contains the name of a tool that answers it', () => {
    expect(new Set(set.questions.map(({ query }) => query)).size).toBe(set.questions.length)
    for (const { query, answers } of set.questions) {
      for (const name of Object.keys(answers)) {
        const own = words(name.split('__')[1] ?? '').join(' ')
        expect(` ${words(query).join(' ')} `).not.toContain(` ${own} `)
      }
    }
  })

  test('has two halves of about the same size', () => {
    const held = set.questions.filter((one) => halfOf(one) === 'held').length
    expect(Math.abs(held - set.questions.length / 2)).toBeLessThan(20)
  })

  test.each([
    ['no list', {}],
    ['a grade that there is not', { catalogues: ['a.json'], queries: [{ query: 'q', answers: { a: 3 } }] }],
    ['an empty question', { catalogues: ['a.json'], queries: [{ query: '', answers: {} }] }],
  ])('with %s is refused, and the message says where', (_what, json) => {
    expect(parseEvaluationSet(json)).toHaveProperty('problem')
  })
})

describe('figures', () => {
  test('a search that finds the one right tool at the third place', () => {
    const quality = qualityOf([{ question: question({ right: 2, near: 1 }), found: ['a', 'near', 'right'] }]) as Quality
    expect(quality.recall).toEqual({ 1: 0, 5: 1, 10: 1 })
    expect(quality.mrr).toBeCloseTo(1 / 3)
    expect(quality.ndcg).toBeCloseTo((1 / Math.log2(3) + 3 / Math.log2(4)) / (3 / Math.log2(2) + 1 / Math.log2(3)))
  })

  test('of two right tools one counts half', () => {
    expect(qualityOf([{ question: question({ a: 2, b: 2 }), found: ['a'] }])?.recall[10]).toBe(0.5)
  })

  test('a perfect answer is 1 in every figure', () => {
    const perfect = qualityOf([{ question: question({ a: 2, b: 1 }), found: ['a', 'b', 'c'] }])
    expect(perfect).toEqual({ questions: 1, recall: { 1: 1, 5: 1, 10: 1 }, mrr: 1, ndcg: 1 })
  })

  test('questions without an answer count only where something was found all the same', () => {
    const none = question({})
    expect(qualityOf([{ question: none, found: ['a'] }])).toBeUndefined()
    expect(
      falseAnswers([
        { question: none, found: ['a'] },
        { question: none, found: [] },
      ]),
    ).toEqual({ questions: 2, answered: 1 })
  })
})

describe('the haystack', () => {
  const all = haystack(1_000)

  test('has as many tools as were asked for, each once and described', () => {
    const tools = all.flatMap(({ server, tools }) => tools.map((tool) => ({ server, ...tool })))
    expect(tools).toHaveLength(1_000)
    expect(new Set(tools.map(({ server, name }) => `${server}__${name}`)).size).toBe(1_000)
    expect(tools.every(({ description }) => String(description).length > 10)).toBe(true)
    expect(haystack(10_000).flatMap(({ tools }) => tools)).toHaveLength(10_000)
  })

  test('is the same for the same seed, and another for another', () => {
    expect(haystack(200)).toEqual(haystack(200))
    expect(haystack(200, 2)).not.toEqual(haystack(200))
  })
})

describe('the search on the half that nothing was tuned on', () => {
  const held = set.questions.filter((one) => halfOf(one) === 'held')
  const quality = (tools: typeof servers): Quality => qualityOf(evaluate(tools, held, instruments).answered) as Quality

  test('finds 85 of 100 right tools among the first five, and they stand high', () => {
    const { recall, mrr } = quality(servers)
    expect(recall[5]).toBeGreaterThanOrEqual(0.85)
    expect(mrr).toBeGreaterThanOrEqual(0.72)
  })

  test('is nearly as good among a thousand other tools', () => {
    const { recall, mrr } = quality([...servers, ...haystack(1_000)])
    expect(recall[5]).toBeGreaterThanOrEqual(0.83)
    expect(mrr).toBeGreaterThanOrEqual(0.69)
  })

  test('answers a question that no tool answers in three of four cases at most', () => {
    const { questions, answered } = falseAnswers(evaluate(servers, set.questions, instruments).answered)
    expect(answered / questions).toBeLessThanOrEqual(0.75)
  })
})
