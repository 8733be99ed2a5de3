/** Finds the PATH that a person has in a terminal, for a gateway that was started from a desktop and got a bare one. */
import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'

const TIMEOUT_MS = 5_000
const OUTPUT_CHARS_MAX = 1_048_576
const MARK = '__mcp_gw_path__'

/** What a desktop or a service manager gives to every program; version managers and Homebrew live elsewhere. */
const BARE = new Set([
  '/bin',
  '/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/games',
  '/usr/local/games',
  '/snap/bin',
])

/** Whether the environment looks like the one of a desktop: no terminal, and nothing in PATH but the system's own folders. */
export function hasBarePath(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  if (platform === 'win32' || env.TERM !== undefined || !env.SHELL?.startsWith('/')) return false
  return (env.PATH ?? '').split(delimiter).every((folder) => folder === '' || BARE.has(folder.replace(/\/+$/, '')))
}

/** The PATH for children: that of the login shell before ours, or ours alone where the shell does not tell in time. */
export async function pathOfLoginShell(env: NodeJS.ProcessEnv, timeoutMs = TIMEOUT_MS): Promise<string | undefined> {
  const shell = env.SHELL as string
  const said = await ask(shell, env, timeoutMs)
  const [, between] = said.split(MARK)
  const path = /^PATH=(.+)$/m.exec(between ?? '')?.[1]
  if (path === undefined) return env.PATH
  return [...new Set([...path.split(delimiter), ...(env.PATH ?? '').split(delimiter)])].filter(Boolean).join(delimiter)
}

/** Everything that the shell printed. Its start files may print too, which is what the marks are for. */
function ask(shell: string, env: NodeJS.ProcessEnv, timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    let said = ''
    // `env` prints PATH alike in every shell; fish and nushell keep it as a list.
    const child = spawn(shell, ['-lic', `echo ${MARK}; /usr/bin/env; echo ${MARK}`], {
      // Without a terminal to take over, an interactive shell cannot stop us.
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      // Start files of zsh that would ask or open something are told not to.
      env: { ...env, DISABLE_AUTO_UPDATE: 'true', ZSH_TMUX_AUTOSTART: 'false', ZSH_TMUX_AUTOSTARTED: 'true' },
    })
    const done = (): void => {
      clearTimeout(timer)
      child.stdout.destroy()
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // ESRCH: nothing of it is left.
      }
      resolve(said)
    }
    const timer = setTimeout(done, timeoutMs)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, OUTPUT_CHARS_MAX)
      // A program that a start file left in the background may hold the pipe for ever.
      if (said.split(MARK).length > 2) done()
    })
    child.once('error', done)
    child.once('close', done)
  })
}
