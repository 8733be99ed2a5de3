/** A tiny shell process that outlives the gateway for a moment and ends the children of one that vanished. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Log } from '../observe/log.ts'

/**
 * Reads `+GROUP` and `-GROUP` until the gateway's end of the pipe closes, which the kernel does also after kill -9. What is left
 * by then has seen the end of its stdin as well: it may leave by itself, then it gets TERM, then KILL; under two seconds in all.
 * `kill -s` is the one form that every shell takes for a group.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM PIPE
groups=' '
while IFS= read -r line; do
  group=\${line#?}
  case $line in
    +*) groups="$groups$group " ;;
    -*) case $groups in *" $group "*) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;; esac ;;
  esac
done
linger() {
  tries=$1
  while [ "$tries" -gt 0 ]; do
    left=
    for group in $groups; do kill -s 0 -- "-$group" 2>/dev/null && left="$left $group"; done
    groups=$left
    [ -z "$groups" ] && exit 0
    sleep 0.1 2>/dev/null || { sleep 1; tries=1; }
    tries=$((tries - 1))
  done
}
linger 3
for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
linger 10
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
exit 0
`

/** One that dies at once is not started again and again. */
const RESTARTS_MAX = 5

export class Watchdog {
  readonly #groups = new Set<number>()
  readonly #log: Log
  #shell: ChildProcess | undefined
  #restarts = 0

  constructor(log: Log) {
    this.#log = log
  }

  /** The shell at work, undefined while there is nothing to watch. */
  get pid(): number | undefined {
    return this.#shell?.pid
  }

  /** Whether this system needs it: Windows itself ends the children of a process that is gone (Node puts them in a job). */
  static readonly useful = process.platform !== 'win32'

  add(group: number): void {
    this.#groups.add(group)
    if (this.#shell) this.#tell(`+${group}`)
    else this.#start()
  }

  /** Nothing of the group is left; its number may soon be another's. */
  remove(group: number): void {
    if (!this.#groups.delete(group)) return
    if (this.#groups.size > 0) return this.#tell(`-${group}`)
    // At the end of its input it looks for groups, finds none, and is gone.
    const shell = this.#shell
    this.#shell = undefined
    shell?.stdin?.end(`-${group}\n`)
  }

  #start(): void {
    const shell = spawn('/bin/sh', ['-c', SCRIPT, 'mcp-gw-watchdog'], {
      // A session of its own, so that no signal to our group and no closing terminal reaches it.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    })
    this.#shell = shell
    // It must not keep the gateway alive.
    shell.unref()
    ;(shell.stdin as Socket).unref()
    shell.stdin?.on('error', () => {
      // EPIPE: it is gone, and its exit is dealt with below.
    })
    shell.once('error', (error) => {
      // Where there is no shell, there is none a moment later.
      this.#restarts = RESTARTS_MAX
      this.#gone(shell, error.message)
    })
    shell.once('exit', (code, signal) => this.#gone(shell, `it ended with ${signal ?? code}`))
    for (const group of this.#groups) this.#tell(`+${group}`)
  }

  #gone(shell: ChildProcess, reason: string): void {
    if (this.#shell !== shell) return
    this.#shell = undefined
    if (this.#groups.size === 0) return
    this.#log.warn({ reason }, 'the watchdog over the child processes is gone')
    if (this.#restarts++ < RESTARTS_MAX) this.#start()
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`)
  }
}
