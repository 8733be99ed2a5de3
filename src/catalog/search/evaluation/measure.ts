/** Says how good answers are: how many of the right tools they hold, and how far up. */
import type { Question } from './data.ts'

export interface Quality {
  readonly questions: number
  /** By how many results are looked at: the share of the right tools among them. */
  readonly recall: { readonly 1: number; readonly 5: number; readonly 10: number }
  /** One divided by the place of the first right tool. */
  readonly mrr: number
  /** How near the order of the first ten is to the best possible one, grades counted. */
  readonly ndcg: number
}

/** What was asked, and the names of what was found, the best first. */
export interface Answered {
  readonly question: Question
  readonly found: readonly string[]
}

export const RESULTS_MEASURED = 10

/** The figures over all questions that have an answer; undefined where none has. */
export function qualityOf(answered: readonly Answered[]): Quality | undefined {
  const asked = answered.filter(({ question }) => Object.keys(question.answers).length > 0)
  if (asked.length === 0) return undefined
  const mean = (of: (one: Answered) => number): number => asked.reduce((sum, one) => sum + of(one), 0) / asked.length
  const recall = (size: number): number => mean((one) => shareOfRight(one, size))
  return {
    questions: asked.length,
    recall: { 1: recall(1), 5: recall(5), 10: recall(10) },
    mrr: mean(reciprocalRank),
    ndcg: mean(gain),
  }
}

/** Of the questions that no tool answers, how many got an answer all the same. */
export function falseAnswers(answered: readonly Answered[]): { questions: number; answered: number } {
  const hopeless = answered.filter(({ question }) => Object.keys(question.answers).length === 0)
  return { questions: hopeless.length, answered: hopeless.filter(({ found }) => found.length > 0).length }
}

/** The right tools: those of the best grade that the question gives, so that every question has one. */
function right({ answers }: Question): Set<string> {
  const best = Math.max(...Object.values(answers))
  return new Set(Object.keys(answers).filter((name) => answers[name] === best))
}

function shareOfRight({ question, found }: Answered, size: number): number {
  const wanted = right(question)
  return found.slice(0, size).filter((name) => wanted.has(name)).length / wanted.size
}

function reciprocalRank({ question, found }: Answered): number {
  const wanted = right(question)
  const place = found.slice(0, RESULTS_MEASURED).findIndex((name) => wanted.has(name))
  return place < 0 ? 0 : 1 / (place + 1)
}

function gain({ question, found }: Answered): number {
  const { answers } = question
  const grades = found.slice(0, RESULTS_MEASURED).map((name) => answers[name] ?? 0)
  const best = Object.values(answers).sort((a, b) => b - a)
  return discounted(grades) / discounted(best.slice(0, RESULTS_MEASURED))
}

function discounted(grades: readonly number[]): number {
  return grades.reduce((sum, grade, place) => sum + (2 ** grade - 1) / Math.log2(place + 2), 0)
}
