/** Brings the forms of an English word together: `deleting`, `deletes`, `deleted` and `deletion` are one word to a search. */

/** Short words lose more meaning than endings. */
const LENGTH_MIN = 4

/** The part of a word that its forms share; not always a word itself. */
export function stem(word: string): string {
  if (word.length < LENGTH_MIN || !/^[a-z]+$/.test(word)) return word
  return root(withoutEnding(withoutPlural(word)))
}

function withoutPlural(word: string): string {
  if (!word.endsWith('s') || word === 'news' || /(?:ss|us|is)$/.test(word)) return word
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ch|sh|x|ss|zz)es$/.test(word)) return word.slice(0, -2)
  return word.slice(0, -1)
}

const ENDINGS: readonly (readonly [ending: RegExp, rest: string])[] = [
  [/(?<=[a-z]{3})(?:izations?|izing|ized?|izer)$/, 'iz'],
  [/(?<=[a-z]{3})ations?$/, 'at'],
  [/(?<=[a-z]{3})(?<=[ts])ions?$/, ''],
  [/(?<=[aeiouy][a-z]*)(?:ing|ed)$/, ''],
  [/(?<=[a-z]{4})ly$/, ''],
]

function withoutEnding(word: string): string {
  for (const [ending, rest] of ENDINGS) {
    if (!ending.test(word)) continue
    const short = word.replace(ending, rest)
    if (short.length >= 3) return short
  }
  return word
}

/** `stopp` and `stop`, `create` and `creat`, `copy` and `copi` end alike. */
function root(word: string): string {
  const single = word.length > 3 && /([bdgmnprt])\1$/.test(word) ? word.slice(0, -1) : word
  const open = single.length > 3 && single.endsWith('e') ? single.slice(0, -1) : single
  return open.endsWith('y') && open.length > 3 ? `${open.slice(0, -1)}i` : open
}
