/** Has work on a kept result done by a process of its own, which is ended when it takes too long: patterns and filters come from models. */
import { type ChildProcess, spawn } from 'node:child_process'
import { packageFile } from '../../../std/package-file.ts'
import { HARD_MS, type Job, type Outcome } from './job.ts'

/** More would only make each of them slower. */
const PROCESSES_MAX = 2

export class Apart {
  readonly #running = new Set<ChildProcess>()
  readonly #waiting: (() => void)[] = []
  #busy = 0

  /** `onCancel` is given what gives the work up. */
  async do(job: Job, onCancel: (cancel: () => void) => void): Promise<Outcome> {
    if (this.#busy >= PROCESSES_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#busy++
    try {
      return await this.#do(job, onCancel)
    } finally {
      this.#busy--
      this.#waiting.shift()?.()
    }
  }

  /** Ends what is under way. */
  close(): void {
    for (const child of this.#running) child.kill('SIGKILL')
  }

  #do(job: Job, onCancel: (cancel: () => void) => void): Promise<Outcome> {
    const main = packageFile('dist/gateway/apart.cjs')
    const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'ignore'], env: {}, windowsHide: true })
    this.#running.add(child)
    const timer = setTimeout(() => child.kill('SIGKILL'), HARD_MS)
    onCancel(() => child.kill('SIGKILL'))
    const output: Buffer[] = []
    child.stdout.on('data', (data: Buffer) => output.push(data))
    child.stdin.on('error', () => {
      // It has ended before it read the job; how it ended is what is reported.
    })
    // Left open: that it closes tells the process that we are gone.
    child.stdin.write(`${JSON.stringify(job)}\n`)
    return new Promise((resolve) => {
      const done = (outcome: Outcome): void => {
        clearTimeout(timer)
        this.#running.delete(child)
        resolve(outcome)
      }
      child.once('error', (error) => done({ problem: `${job.op} cannot be started: ${error.message}` }))
      child.once('close', (code, signal) => done(signal || code ? tooLong(job, signal) : read(output)))
    })
  }
}

function tooLong({ op }: Job, signal: NodeJS.Signals | null): Outcome {
  const reason = signal ? `took longer than ${HARD_MS / 1_000} s and was ended` : 'ended without an answer'
  return { problem: `${op} ${reason}; ask for less at once.` }
}

function read(output: readonly Buffer[]): Outcome {
  return JSON.parse(Buffer.concat(output).toString()) as Outcome
}
