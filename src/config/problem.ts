/** One thing that is wrong with the config: where it stands, what it is and how to mend it. */
export interface Problem {
  file: string
  /** From 1; 0 where the problem is the file itself (it is missing, it cannot be read). */
  line: number
  column: number
  /** The dotted path of the key as it is written, such as `servers.github.timeout`; empty where there is none. */
  key: string
  message: string
}

/** Says that something is wrong at an offset of the source. */
export type Report = (at: number, key: string, message: string) => void

export function formatProblem(problem: Problem): string {
  const place = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : `${problem.file}:`
  return problem.key ? `${place} ${problem.key}: ${problem.message}` : `${place} ${problem.message}`
}

/** A problem of the file as a whole. */
export function fileProblem(file: string, message: string): Problem {
  return { file, line: 0, column: 0, key: '', message }
}

/** What went wrong with a file, in words, from the error that Node gives. */
export function fileErrorText(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'you have no permission to read it'
  if (code === 'EISDIR') return 'it is a folder'
  return message
}
