/** Finds the known word that somebody most likely meant. */

/** Longer words are not typing mistakes, and the comparison takes time in proportion to both lengths. */
const LENGTH_MAX = 64

/** The nearest of `known` where it is near enough: the same but for case and separators, or a few typing mistakes away. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LENGTH_MAX) return undefined
  const plain = plainForm(word)
  let nearest: string | undefined
  // One mistake in short words, one more for every three characters after that.
  let limit = Math.max(1, Math.floor(plain.length / 3))
  for (const candidate of known) {
    const other = plainForm(candidate)
    if (other === plain) return candidate
    // Words of one or two characters are all one or two mistakes apart.
    if (Math.min(plain.length, other.length) < 3 || Math.abs(plain.length - other.length) > limit) continue
    const mistakes = distance(plain, other)
    if (mistakes > limit) continue
    nearest = candidate
    limit = mistakes - 1
  }
  return nearest
}

/** `startTimeout`, `start-timeout` and `start_timeout` are one word to the person who writes them. */
function plainForm(word: string): string {
  return word.toLowerCase().replace(/[-_. ]/g, '')
}

/** How many insertions, deletions, replacements and swaps of neighbours lead from one word to the other. */
export function distance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(replaced, at(previous, j) + 1, at(row, j - 1) + 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) row[j] = Math.min(at(row, j), at(before, j - 2) + 1)
    }
    before = previous
    previous = row
  }
  return at(previous, b.length)
}

function at(row: number[], j: number): number {
  return row[j] as number
}
