/** Splits names and sentences into the words that a search compares. */

/** Words that say how something is asked, not what for. */
const STOP_WORDS = new Set(
  `a about after again all also am an and another any are as at be been before being both but by can could did do does doing done
  each either else etc every for from had has have having he her here him his how i if in into is it its itself just kind like
  me more most much must my need needs no nor not of off on once one only or other our out over own per please shall she should
  so some somebody someone something sort such than that the their them then there these they thing things this those through to
  tool tools too under until up upon us use used user's uses using very via want was we were what when where whether which while
  who whom whose why will with within without would you your yours`.split(/\s+/),
)

/** Longer words are ids, hashes and base64, by which nobody searches. */
const WORD_MAX = 40

/** Letters and digits that belong together, over the borders inside names: get, HTTP, Response and 2 in `getHTTPResponse2`. */
const PARTS = /\p{Lu}{2,}s(?!\p{Ll})|\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|[\p{Lo}\p{Lm}]+|\p{N}+/gu
const ASCII_PARTS = /[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g
const ASCII = /^[\x00-\x7f]*$/
const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{2,}/gu

/** The words of a text as they are written, in order. */
export function parts(text: string): readonly string[] {
  if (ASCII.test(text)) return text.match(ASCII_PARTS) ?? []
  // No spaces stand between words there; pairs of characters are the nearest thing to words that needs no dictionary.
  const spaced = text.normalize('NFKC').replace(IDEOGRAPHS, (run) => ` ${pairs(run).join(' ')} `)
  return spaced.match(PARTS) ?? []
}

/** A word as it is compared: in lower case and without accents; `''` where it is too long to be one. */
export function plainWord(part: string): string {
  if (part.length > WORD_MAX) return ''
  const lower = part.toLowerCase()
  return ASCII.test(lower) ? lower : lower.normalize('NFD').replace(/\p{M}/gu, '')
}

/** The words of a text, plain. */
export function words(text: string): string[] {
  return parts(text)
    .map(plainWord)
    .filter((word) => word !== '')
}

function pairs(run: string): string[] {
  return Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2))
}

export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word)
}
