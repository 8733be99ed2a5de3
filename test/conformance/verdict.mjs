/** Decides what the results mean: which scenarios failed, which differ from the reference server itself, and which were expected to. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A scenario of which the suite wrote no result: it broke, or ran out of time. */
const noResult = [{ id: 'no-result', status: 'FAILURE', errorMessage: 'The suite has no result of this scenario.' }]

const failing = ['FAILURE', 'WARNING']

export function readExpected() {
  const entries = parse(readFileSync(join(import.meta.dirname, 'expected.yml'), 'utf8')) ?? []
  for (const { scenario, checks, ways, requirements, reason } of entries) {
    if (!(scenario && checks?.length && ways?.length && requirements && reason)) {
      throw new Error(`expected.yml: the entry of ${scenario} needs scenario, checks, ways, requirements and reason.`)
    }
  }
  return entries
}

/**
 * One row for each scenario, with the counts of each way and the problems found: what fails, and through the gateway
 * what differs from direct, if that was run too.
 * A problem has a way, a text, and is `fatal` unless the scenario is not demanded. An expected one is none.
 */
export function judge({ scenarios, checksByWay, expected, requirements }) {
  return scenarios.map(({ name, demanded }) => {
    const ways = {}
    const problems = []
    const direct = checksByWay.direct && (checksByWay.direct.get(name) ?? noResult)
    for (const [way, results] of Object.entries(checksByWay)) {
      const checks = results.get(name) ?? noResult
      ways[way] = count(checks)
      const found = direct && way !== 'direct' ? differences(direct, checks) : failures(checks)
      const allowed = expected
        .filter((entry) => entry.scenario === name && entry.ways.includes(way) && entry.requirements === requirements)
        .flatMap((entry) => entry.checks)
      const stale = allowed.filter((check) => !found.some(({ id }) => id === check))
      problems.push(
        ...found.filter(({ id }) => !allowed.includes(id)).map(({ text }) => ({ way, text, fatal: demanded })),
        ...stale.map((check) => ({ way, text: `${check} is in expected.yml, and passes`, fatal: true })),
      )
    }
    return { name, demanded, ways, problems }
  })
}

function count(checks) {
  const of = (status) => checks.filter((check) => check.status === status).length
  return { passed: of('SUCCESS'), failed: of('FAILURE'), warned: of('WARNING') }
}

function failures(checks) {
  return checks
    .filter(({ status }) => failing.includes(status))
    .map(({ id, status, errorMessage }) => ({ id, text: `${id} ${status}: ${errorMessage ?? 'no message'}` }))
}

/** Which checks have another outcome than direct; one check may report several times under its id. */
function differences(direct, checks) {
  const ids = new Set([...direct, ...checks].map(({ id }) => id))
  return [...ids].flatMap((id) => {
    const [was, is] = [direct, checks].map((all) => outcome(all, id))
    if (was === is) return []
    const message = checks.find((check) => check.id === id && check.errorMessage)?.errorMessage
    return { id, text: `${id} ${is}, but ${was} direct${message ? `: ${message}` : ''}` }
  })
}

function outcome(checks, id) {
  // What is only information (each request and event of a stream) says nothing about success, and may well differ.
  const statuses = checks.filter((check) => check.id === id && check.status !== 'INFO').map(({ status }) => status)
  return statuses.join(' ') || 'not checked'
}
