/** The process that looks into kept results: one job, then it is gone. It ends with the gateway, whatever it is doing then. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { outline } from '../outline.ts'
import { grep } from './grep.ts'
import { HARD_MS, type Job, type Outcome } from './job.ts'
import { jq } from './jq.ts'

const HEAP_MB_MAX = 512

if (isMainThread) attend()
else void work(workerData as Job).then((outcome) => parentPort?.postMessage(outcome))

/** The thread that works may be caught in a loop; this one hears when the gateway is gone, and when the time is up. */
function attend(): void {
  let job = ''
  setTimeout(() => process.exit(1), HARD_MS + 1_000)
  process.stdin.on('end', () => process.exit(1))
  process.stdin.setEncoding('utf8').on('data', (text: string) => {
    const before = job
    job += text
    if (!before.includes('\n') && job.includes('\n')) begin(JSON.parse(job) as Job)
  })
}

function begin(job: Job): void {
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  })
  const answer = (outcome: Outcome): void => void process.stdout.write(JSON.stringify(outcome), () => process.exit(0))
  worker.on('message', answer)
  worker.on('error', (error: NodeJS.ErrnoException) => {
    const { code } = error
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') answer({ problem: `${job.op} ran out of memory; ask for less at once.` })
    else if (code === 'ENOENT') answer({ problem: 'The result is not kept any more; call the tool again.' })
    else answer({ problem: `${job.op} failed: ${error.message}` })
  })
}

async function work(job: Job): Promise<Outcome> {
  if (job.op === 'grep') return grep(job)
  if (job.op === 'jq') return jq(job)
  const { file, start, bytes } = job.slice
  const text = outline(readFileSync(file).subarray(start, start + bytes), job.tokens)
  return text === undefined ? { problem: 'This is no JSON, so that it has no outline; use head, tail, grep or read.' } : { text }
}
