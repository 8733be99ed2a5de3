/** The load generator, in a process of its own: keep-alive connections, one request at a time on each, every answer checked. */
import { connect } from 'node:net'
import { answerCheck } from './answer-check.mjs'
import { answerReader } from './answer-reader.mjs'
import { cpuMicros } from './processes.mjs'
import { prose } from './results.mjs'

const failuresMax = 20
const silenceMsMax = 30_000

/** All ids have nine digits, so that all right answers have the same length. */
let lastId = 100_000_000

const expectations = {
  /** The tool's text in full, not only its length. */
  text: (size) => {
    const text = prose(size)
    return ({ content, isError }) => (content?.[0]?.text === text && !isError ? undefined : 'the tool answered something else')
  },
  tools: (count) => (result) => (result.tools?.length === count ? undefined : `${result.tools?.length} tools, not ${count}`),
}

const statelessVersion = '2026-07-28'
const envelope = {
  'io.modelcontextprotocol/protocolVersion': statelessVersion,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
}

/** A job without a session is one of the stateless era: each request says what a session would know. */
function eraOf({ sessionId, method, params }) {
  if (sessionId !== undefined) return { params, headers: [`mcp-session-id: ${sessionId}`, 'mcp-protocol-version: 2025-11-25'] }
  const names = params.name === undefined ? [] : [`mcp-name: ${params.name}`]
  const headers = [`mcp-protocol-version: ${statelessVersion}`, `mcp-method: ${method}`, ...names]
  return { params: { ...params, _meta: envelope }, headers }
}

function requestWriter(job) {
  const { params, headers } = eraOf(job)
  const before = '{"jsonrpc":"2.0","id":'
  const after = `,"method":${JSON.stringify(job.method)},"params":${JSON.stringify(params)}}`
  const head = [
    `POST ${job.path} HTTP/1.1`,
    `host: 127.0.0.1:${job.port}`,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    ...headers,
    `content-length: ${before.length + 9 + Buffer.byteLength(after)}`,
    '',
    before,
  ].join('\r\n')
  return (id) => head + id + after
}

/** Opens one connection; `go(run)` then asks again and again until the run is over. */
function openConnection(job, write, check) {
  const socket = connect({
    port: job.port,
    host: '127.0.0.1',
    noDelay: true,
    onread: { buffer: Buffer.alloc(65_536), callback: received },
  })
  let run
  let done
  let id
  let sentAt
  let status
  let answer

  const read = answerReader({
    onHead: (head) => {
      status = head.status
      answer = check.begin(id, head.sse)
    },
    onBody: (bytes, start, end) => answer.add(bytes, start, end),
    onEnd: () =>
      settle(status === 200 ? answer.problem() : `HTTP status ${status}; ${answer.problem() ?? 'the answer itself is right'}`),
  })

  function received(length, buffer) {
    try {
      read(length === buffer.length ? buffer : buffer.subarray(0, length))
    } catch (error) {
      stop(error.message)
    }
    return true
  }

  function ask() {
    id = String(++lastId)
    sentAt = performance.now()
    socket.write(write(id), 'latin1')
  }

  function settle(problem) {
    const now = performance.now()
    if (problem === undefined) run.latencies.push(now - sentAt)
    else run.failures.push(problem)
    if (now < run.deadline && run.latencies.length < job.callsMax && run.failures.length < failuresMax) ask()
    else stop()
  }

  function stop(problem) {
    if (problem) run?.failures.push(problem)
    socket.destroy()
    done?.()
  }

  socket.setTimeout(silenceMsMax, () => stop(`no answer in ${silenceMsMax / 1000} s`))
  return new Promise((opened, refused) => {
    socket.once('connect', () =>
      opened((given) => {
        run = given
        return new Promise((resolve) => {
          done = resolve
          socket.on('error', (error) => stop(error.message))
          socket.on('end', () => stop('the connection was closed'))
          ask()
        })
      }),
    )
    socket.once('error', refused)
  })
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null

/**
 * Runs one job: `{ port, path, sessionId, method, params, expect, connections, ms, callsMax, pid }`. `pid` is the process whose
 * CPU is read, before the first request and after the last answer. Rates come back per second, times in µs.
 */
async function runJob(job) {
  const [kind, value] = job.expect
  const check = answerCheck(expectations[kind](value))
  const write = requestWriter(job)
  const connections = await Promise.all(Array.from({ length: job.connections }, () => openConnection(job, write, check)))
  const gatewayCpu = cpuMicros(job.pid)
  const cpu = process.cpuUsage()
  const started = performance.now()
  const run = { latencies: [], failures: [], deadline: started + job.ms }
  await Promise.all(connections.map((go) => go(run)))
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const spent = gatewayCpu === undefined ? undefined : cpuMicros(job.pid) - gatewayCpu
  const sorted = Float64Array.from(run.latencies).sort()
  return {
    calls: sorted.length,
    seconds,
    rate: sorted.length / seconds,
    p50: quantile(sorted, 0.5) * 1000,
    p99: quantile(sorted, 0.99) * 1000,
    cpu: spent === undefined ? null : spent / sorted.length,
    loadCpu: (user + system) / sorted.length,
    failures: run.failures.length,
    failure: run.failures[0],
  }
}

process.on('message', (job) => {
  runJob(job).then(
    (report) => process.send(report),
    (error) => process.send({ calls: 0, failures: 1, failure: error.message }),
  )
})
process.on('disconnect', () => process.exit(0))
