/** A terminal of 80 columns in which a program is typed at and looked at, as a person would; tmux draws it. */
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { until } from './processes.ts'

const COLUMNS = 80
const ROWS = 90

/** The path of tmux; undefined where there is none. */
export const TMUX = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'tmux'))
  .find((path) => isProgram(path))

export class Terminal {
  readonly #socket: string
  readonly #env: NodeJS.ProcessEnv

  /** Starts the program with exactly this environment. When it has ended, the screen shows its exit code. `folder` is tmux's. */
  constructor(command: readonly string[], { folder, cwd, env }: { folder: string; cwd: string; env: NodeJS.ProcessEnv }) {
    this.#socket = join(folder, 'tmux')
    this.#env = env
    const size = ['-x', String(COLUMNS), '-y', String(ROWS)]
    const shell = ['/bin/sh', '-c', '"$@"; echo "exit code $?"; read -r _', 'sh']
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'screen', ...size, '-c', cwd, ...shell, ...command)
  }

  /** Types keys by their names in tmux: `Enter`, `C-c`, `Down`. */
  type(...keys: string[]): void {
    this.#tmux('send-keys', '-t', 'screen', ...keys)
  }

  /** The lines of the screen, once they hold what is waited for. */
  async showing(what: RegExp): Promise<string> {
    let screen = ''
    const look = (): true | undefined => {
      screen = this.#tmux('capture-pane', '-p', '-t', 'screen').trimEnd()
      return what.test(screen) || undefined
    }
    // The last look tells more than that it did not come.
    await until(look, `no ${what} on the screen`).catch((error: Error) => {
      throw new Error(`${error.message}\n${screen}`)
    })
    return screen
  }

  end(): void {
    this.#tmux('kill-server')
  }

  #tmux(...args: string[]): string {
    return execFileSync(TMUX as string, ['-u', '-S', this.#socket, ...args], { env: this.#env, encoding: 'utf8' })
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
