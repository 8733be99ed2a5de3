/** How many tokens a text costs a model: measured with a tokenizer, or estimated in one pass where its 66 MB would be too much. */

/** The tokenizer takes time by the square of the longest run without a boundary, so longer runs are cut; each cut adds one token at most. */
const RUN_MAX = 400

export type CountTokens = (text: string) => number

/** Loads the tokenizer, which takes a quarter of a second: for reports and tests, not for a call on its way. */
export async function loadTokenCounter(): Promise<CountTokens> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base')
  // A text that spells one of the model's control tokens is a text like any other.
  const options = { disallowedSpecial: new Set<string>() }
  return (text) => {
    let tokens = 0
    for (const part of withoutLongRuns(text)) tokens += countTokens(part, options)
    return tokens
  }
}

/** The text in parts of which none has so long a run of one kind of character that the tokenizer would be slow on it. */
export function withoutLongRuns(text: string): string[] {
  const runs = new RegExp(`(?:\\p{L}|\\p{M}){${RUN_MAX}}|\\s{${RUN_MAX}}|[^\\s\\p{L}\\p{N}]{${RUN_MAX}}`, 'gu')
  const parts: string[] = []
  let from = 0
  for (const run of text.matchAll(runs)) {
    const end = run.index + run[0].length
    parts.push(text.slice(from, end))
    from = end
  }
  parts.push(text.slice(from))
  return parts
}

const OTHER = 0
const LOWER = 1
const UPPER = 2
const DIGIT = 3
const SPACE = 4
const SIGN = 5
/** Scripts that write a word in one or two characters, and pictures. */
const WIDE = 6
const WIDE_FROM = 0x2e80

/** What the first character of a run costs, by kind; fitted to definitions, code, prose and results. */
const FIRST = [0.35, 0.88, 1.3, 1.2, 0.09, 0.9, 0.65]
/** What each further character costs while the run may be a word, an indentation or a number. */
const FURTHER = [0.35, 0, 0.22, 0.18, 0.2, 0.11, 0.65]
/** What each costs after that, where it is no language any more. */
const LONG_AFTER = 16
const LONG = [0.35, 0.3, 0.45, 0.33, 0.01, 0.05, 0.65]

const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code)
  if (/[a-z]/.test(char)) return LOWER
  if (/[A-Z]/.test(char)) return UPPER
  if (/[0-9]/.test(char)) return DIGIT
  return code <= 32 ? SPACE : SIGN
})

/** About how many tokens a text has, in time proportional to it: within an eighth for what definitions and results consist of. */
export function estimateTokens(text: string): number {
  return measured(text, Number.POSITIVE_INFINITY).tokens
}

/** How many characters of the text, from its beginning on, take about so many tokens at most. */
export function fittingLength(text: string, tokensMax: number): number {
  const { length } = measured(text, tokensMax)
  const last = text.charCodeAt(length - 1)
  // A pair of surrogates is one character.
  return length < text.length && last >= 0xd800 && last < 0xdc00 ? length - 1 : length
}

/** Stops before the character that would be too much. */
function measured(text: string, tokensMax: number): { tokens: number; length: number } {
  let tokens = 0
  let before = -1
  let run = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const kind = code < 128 ? (KINDS[code] as number) : code >= WIDE_FROM ? WIDE : OTHER
    // A capital begins the word that the small letters after it belong to.
    run = kind === before || (kind === LOWER && before === UPPER) ? run + 1 : 0
    tokens += (run === 0 ? FIRST : run < LONG_AFTER ? FURTHER : LONG)[kind] as number
    if (tokens > tokensMax) return { tokens: Math.ceil(tokensMax), length: at }
    before = kind
  }
  return { tokens: Math.ceil(tokens), length: text.length }
}
