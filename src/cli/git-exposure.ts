/** Finds out whether a file with secrets could be committed by accident. */
import { execFile } from 'node:child_process'
import { basename, dirname } from 'node:path'

/** How `git check-ignore` says that the file is in a repository which would take it. */
const NOT_IGNORED = 1

/** Whether the file lies in a git repository that does not ignore it. Without git, or outside of one, it does not. */
export function isExposedToGit(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const args = ['-C', dirname(file), 'check-ignore', '-q', '--', basename(file)]
    execFile('git', args, { timeout: 5_000 }, (error) => resolve(error?.code === NOT_IGNORED))
  })
}
