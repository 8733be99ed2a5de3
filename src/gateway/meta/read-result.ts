/** `gateway_read_result`: looks into a result that was too large to be shown. */
import { GatewayError } from '../../protocol/errors.ts'
import type { Json, JsonObject, Message } from '../../protocol/message.ts'
import { result } from '../../protocol/read.ts'
import { formatSize } from '../../std/format-size.ts'
import type { SessionExchange } from '../exchange.ts'
import type { Job } from '../results/apart/job.ts'
import { partUri } from '../results/preview.ts'
import { type Excerpt, excerpt, lastLines, readBytes } from '../results/slice.ts'
import { isGone, type Kept, type Part } from '../results/store.ts'
import type { Services } from '../services.ts'
import { argumentsOf, failedAnswer, textAnswer, textArgument } from './answer.ts'
import { READ_OPS } from './definitions.ts'

type Op = (typeof READ_OPS)[number]

/** Answers take this share of what a result may take. */
const SHARE = 4
const TOKENS_DEFAULT = 25_000
const LINES = 50
const HITS = 100
/** What a model is shown at once of a picture, a sound or a file, in bytes. */
const MEDIA_BYTES_MAX = 5_242_880
/** Nobody writes a longer pattern or filter in good faith. */
const QUERY_CHARS_MAX = 10_000

interface Asked {
  op: Op
  part: Part
  uri: string
  given: JsonObject
  /** Tokens that the answer may take. */
  tokens: number
}

export async function readResult(exchange: SessionExchange, services: Services): Promise<Message> {
  const given = argumentsOf(exchange.request)
  const { client } = exchange
  const handle = textArgument(given, 'handle')
  const op = READ_OPS.find((one) => one === given.op)
  if (!handle)
    return failedAnswer('Say which result: {"handle": "…", "op": "grep", "query": "…"}. The preview of it names the handle.')
  const kept = services.results.find(client, handle)
  if (!kept) return unknownHandle(handle)
  if (!op) return failedAnswer(`op must be one of ${READ_OPS.join(', ')}, not ${JSON.stringify(given.op ?? null).slice(0, 80)}.`)
  const index = partIndex(kept, given, op)
  const part = kept.parts[index]
  if (!part) return failedAnswer(`The result has the parts 0 to ${kept.parts.length - 1}, and no part ${index}.`)
  const tokens = Math.floor((services.surfaces.resultLimit(client) ?? TOKENS_DEFAULT) / SHARE)
  const asked: Asked = { op, part, uri: partUri(kept, index), given, tokens }
  try {
    return await (part.encoding === 'base64' ? readMedia(asked) : readText(asked, exchange, services))
  } catch (error) {
    // Meanwhile it had to make room for another one.
    if (isGone(error)) return unknownHandle(handle)
    throw error
  }
}

function unknownHandle(handle: string): Message {
  return failedAnswer(
    `No result is kept under the handle "${handle.slice(0, 80)}" in this session, or not any more; call the tool again.`,
  )
}

/** Without a number the first part is meant that the operation fits. */
function partIndex({ parts }: Kept, { part }: JsonObject, op: Op): number {
  if (part !== undefined && part !== null) return wholeNumber({ part }, 'part', 0)
  return op === 'read'
    ? 0
    : Math.max(
        0,
        parts.findIndex(({ encoding }) => encoding !== 'base64'),
      )
}

async function readText(asked: Asked, exchange: SessionExchange, { results }: Services): Promise<Message> {
  const { op, part, given, tokens } = asked
  if (op === 'read') {
    const from = Math.min(wholeNumber(given, 'offset', 0), part.bytes)
    return excerptAnswer(await excerpt(part, from, { bytes: wholeNumber(given, 'limit', part.bytes), tokens }), part)
  }
  const lines = wholeNumber(given, 'limit', LINES)
  if (op === 'head') return excerptAnswer(firstLines(await excerpt(part, 0, { bytes: part.bytes, tokens }), lines), part)
  if (op === 'tail') return excerptAnswer(await lastLines(part, { lines, tokens }), part)
  const job = jobOf(asked)
  if ('problem' in job) return failedAnswer(job.problem)
  const outcome = await results.apart.do(job, (cancel) => {
    exchange.onCancel = cancel
    if (exchange.cancelled !== undefined) cancel()
  })
  if ('problem' in outcome) return failedAnswer(outcome.problem)
  return outcome.note === undefined ? textAnswer(outcome.text) : textsAnswer(outcome.text, outcome.note)
}

function jobOf({ op, part, given, tokens }: Asked): Job | { problem: string } {
  const { file, start, bytes } = part
  const work = { slice: { file, start, bytes }, tokens }
  if (op === 'outline') return { op, ...work }
  const query = textArgument(given, 'query')
  if (query === undefined) return { problem: `Say what to look for: query is ${op === 'jq' ? 'a jq filter' : 'an RE2 pattern'}.` }
  if (query.length > QUERY_CHARS_MAX)
    return { problem: `The query has ${query.length} characters; ${QUERY_CHARS_MAX} is the end.` }
  if (op === 'jq') return { op, filter: query, ...work }
  return { op: 'grep', pattern: query, from: wholeNumber(given, 'offset', 0), hits: wholeNumber(given, 'limit', HITS), ...work }
}

/** The excerpt to the byte, and beside it where it stands. */
function excerptAnswer({ text, from, to }: Excerpt, { bytes }: Part): Message {
  if (from >= bytes) return textAnswer(`There is nothing at offset ${from}: it has ${bytes} bytes.`)
  const where = `Bytes ${from} to ${to - 1} of ${bytes}`
  return textsAnswer(text, to < bytes ? `${where}; go on with op read, offset ${to}.` : `${where}: that is its end.`)
}

function firstLines({ text, from }: Excerpt, lines: number): Excerpt {
  let end = 0
  for (let left = lines; left > 0; left--) {
    const lineBreak = text.indexOf('\n', end)
    if (lineBreak < 0) return { text, from, to: from + Buffer.byteLength(text) }
    end = lineBreak + 1
  }
  return { text: text.slice(0, end), from, to: from + Buffer.byteLength(text.slice(0, end)) }
}

/** A picture or a sound is shown whole, because it was asked for. */
async function readMedia({ op, part, uri }: Asked): Promise<Message> {
  const what = `It is ${part.mimeType} of ${formatSize(part.bytes)}`
  if (op !== 'read') return failedAnswer(`${what}, in which ${op} finds nothing; use read.`)
  if (part.bytes > MEDIA_BYTES_MAX) {
    return failedAnswer(
      `${what}, and ${formatSize(MEDIA_BYTES_MAX)} is the most that is shown. Programs can read the resource ${uri}.`,
    )
  }
  const data = (await readBytes(part, 0, part.bytes)).toString('base64')
  const { mimeType } = part
  const type = ['image', 'audio'].find((one) => mimeType.startsWith(`${one}/`))
  return result({ content: [type ? { type, data, mimeType } : { type: 'resource', resource: { uri, mimeType, blob: data } }] })
}

function textsAnswer(...texts: string[]): Message {
  return result({ content: texts.map((text) => ({ type: 'text', text })) })
}

/** A number from 0 on; `otherwise` where it is absent. Models write numbers as texts, too. */
function wholeNumber(given: JsonObject, name: string, otherwise: number): number {
  const value: Json | undefined = given[name]
  if (value === undefined || value === null) return otherwise
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw new GatewayError('invalid_params', `${name} must be a whole number from 0 on, not ${JSON.stringify(value).slice(0, 80)}`)
}
