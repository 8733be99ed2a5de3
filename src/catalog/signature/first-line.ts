/** The line of a description that says what a tool does. */
import { estimateTokens } from '../../observe/tokens.ts'

/** A description that begins with less than this has not said much yet, so its next sentence belongs to it. */
const SAYS_ENOUGH = 20

/** A full stop, question or exclamation mark after a word that is no abbreviation, with something new behind it. */
const SENTENCE_END = /(?<!\b(?:e\.g|i\.e|etc|vs|approx|incl|no|[A-Z]))[.!?](?=\s+\S)/gu

/** Where a blank line, a list or a heading like `Arguments:` follows, the summary is over. */
const SUMMARY_END = /\n\s*(?:\n|[-*#•]\s|\d+[.)]\s|\p{Lu}[\p{L} ]{1,30}:(?:\s|$))/u

/** Of all that later sentences say, this decides whether to call the tool at all. */
const DEPRECATED = /\bdeprecated\b/i
const DEPRECATED_WITHIN = 300

/** The first sentence on one line, cut between words to so many tokens. */
export function firstLine(description: string, room: number): string {
  const summary = description.trim().split(SUMMARY_END, 1)[0] ?? ''
  const line = summary
    .replaceAll('**', '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  const warning = DEPRECATED.test(description.slice(0, DEPRECATED_WITHIN)) ? ' Deprecated.' : ''
  const end = [...line.slice(0, 1_000).matchAll(SENTENCE_END)].find(({ index }) => index >= SAYS_ENOUGH)?.index
  const sentence = end === undefined ? line : line.slice(0, end + 1)
  return DEPRECATED.test(sentence) ? cut(sentence, room) : `${cut(sentence, room)}${warning}`
}

function cut(line: string, room: number): string {
  if (estimateTokens(line) <= room) return line
  const words = line.slice(0, room * 12).split(' ')
  let text = ''
  for (const word of words) {
    if (estimateTokens(`${text} ${word}`) + 1 > room) break
    text += text === '' ? word : ` ${word}`
  }
  // One word that is longer than all the room, as in languages that put no spaces between words.
  if (text === '') text = line.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')
  return `${text.replace(/[\s,;:\u2014-]+$/u, '')}…`
}
