/** Splits a command line into words as a POSIX shell would, without running a shell and without expanding anything. */

/** Unquoted, these would make a shell do more than start one program. */
const OPERATORS = new Set('|&;<>()`')
const BLANKS = new Set(' \t\r\n')
/** Between double quotes, a backslash is special only before these. */
const ESCAPED_IN_QUOTES = new Set('$`"\\')

export function shellSplit(command: string): string[] | { error: string } {
  const words: string[] = []
  // Undefined between words, so that a quoted empty word is told from no word.
  let word: string | undefined
  let i = 0
  while (i < command.length) {
    const char = command[i] as string
    if (OPERATORS.has(char)) return { error: operatorError(operatorAt(command, i)) }
    if (BLANKS.has(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
      i++
      continue
    }
    const piece = char === "'" ? singleQuoted(command, i) : char === '"' ? doubleQuoted(command, i) : bare(command, i)
    if ('error' in piece) return piece
    // A backslash at the end of a line joins two lines; it begins no word.
    if (piece.text !== undefined) word = (word ?? '') + piece.text
    i = piece.end
  }
  if (word !== undefined) words.push(word)
  return words
}

type Piece = { text: string | undefined; end: number } | { error: string }

function singleQuoted(command: string, start: number): Piece {
  const close = command.indexOf("'", start + 1)
  return close < 0 ? { error: 'a single quote is never closed' } : { text: command.slice(start + 1, close), end: close + 1 }
}

function doubleQuoted(command: string, start: number): Piece {
  let text = ''
  for (let i = start + 1; i < command.length; i++) {
    const char = command[i] as string
    if (char === '"') return { text, end: i + 1 }
    const next = char === '\\' ? command[i + 1] : undefined
    if (next === '\n') i++
    else if (next !== undefined && ESCAPED_IN_QUOTES.has(next)) {
      text += next
      i++
    } else text += char
  }
  return { error: 'a double quote is never closed' }
}

function bare(command: string, start: number): Piece {
  if (command[start] !== '\\') return { text: command[start], end: start + 1 }
  const next = command[start + 1]
  if (next === undefined) return { error: 'it ends in a backslash' }
  return { text: next === '\n' ? undefined : next, end: start + 2 }
}

/** `&&` and `>>` are named whole, as people know them. */
function operatorAt(command: string, i: number): string {
  const char = command[i] as string
  return command[i + 1] === char && char !== '`' ? char + char : char
}

function operatorError(operator: string): string {
  return (
    `no shell runs it, so the unquoted ${operator} has no meaning; quote it, give the words in args, ` +
    "or start a shell yourself: sh -c '…'"
  )
}
