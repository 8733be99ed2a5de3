/** How results look on a terminal, and how a command ends that has none. */
import kleur from 'kleur'
import { Exit } from './exit.ts'

/** Whoever reads the output may have seen enough (`| head`); the command goes on all the same. */
export function outliveReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

/** Says why a command ended, where it is no accident. */
export function ended(error: unknown): void {
  if (!(error instanceof Exit)) throw error
  process.stderr.write(`${kleur.red('mcp-gw:')} ${error.message}\n`)
  process.exitCode = error.code
}

/** Prints a line of a result. Everything that is no result goes to stderr. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

/** Rows under heads, each column as wide as it must be. */
export function table(heads: string[], rows: string[][]): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [kleur.bold(line(heads)), ...rows.map(line)].join('\n')
}

/** The text cut to the width of the terminal. */
export function clipped(text: string, indent = 0): string {
  const width = (process.stdout.columns ?? 120) - indent
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line
}

/** The words of a text in lines that fit the terminal, each indented. */
export function wrapped(text: string, indent: number): string {
  const width = Math.max(20, (process.stdout.columns ?? 100) - indent)
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => ' '.repeat(indent) + line).join('\n')
}

/** A message about a server, for a line that begins with the server's name already. */
export function withoutName(name: string, message: string): string {
  return message.startsWith(`${name}: `)
    ? message.slice(name.length + 2)
    : message.startsWith(`${name} `)
      ? message.slice(name.length + 1)
      : message
}
