/** Measures tools/call on each way in turn, so that whatever else the machine does falls on all of them alike. */
import { memory } from './processes.mjs'
import { sizes } from './results.mjs'

/** 64 times 1 MB at once measures the allocator, not the gateway. */
const connectionsFor = (connections, size) => (size >= 1000 ? Math.min(connections, 16) : connections)

/**
 * The cells of the table: every size at every number of connections; then the large ones from a server that writes its JSON
 * anew for each call, as real servers do. Prepared bytes cost the direct server nothing, so they are the hardest comparison.
 */
export function cellsFor({ connections, chosenSizes = sizes }) {
  const prepared = chosenSizes.flatMap((size) =>
    [...new Set(connections.map((c) => connectionsFor(c, size)))].map((c) => ({ connections: c, size, fresh: false })),
  )
  const large = chosenSizes.filter((size) => size >= 100)
  return [...prepared, ...large.map((size) => ({ connections: size >= 1000 ? 4 : 8, size, fresh: true }))]
}

function jobFor({ port, path, sessionId, tool, pid }, { connections, size, fresh }, ms) {
  const params = { name: tool, arguments: fresh ? { size, fresh } : { size } }
  const common = { method: 'tools/call', params, expect: ['text', size], callsMax: Number.MAX_SAFE_INTEGER }
  return { ...common, port, path, sessionId, pid, connections, ms }
}

export function median(values) {
  const sorted = values.filter((value) => value !== null && !Number.isNaN(value)).sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return null
  return Number.isInteger(middle) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)]
}

/** One cell: `rounds` times direct, stdio, HTTP; ratios are taken within a round, then the median over the rounds. */
export async function measureCell(load, ways, cell, { rounds, ms, warmMs }) {
  const runs = Object.fromEntries(ways.map((way) => [way.name, []]))
  for (const way of ways) await load(jobFor(way, cell, warmMs)).then((report) => refuseFailure(report, way, cell))
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const report = await load(jobFor(way, cell, ms))
      runs[way.name].push({ ...report, ...memory(way.pid) })
    }
  }
  const direct = runs[ways[0].name]
  const summary = Object.fromEntries(ways.map((way) => [way.name, summarize(runs[way.name], direct)]))
  return { ...cell, ways: summary }
}

const best = (values) => (values.includes(null) ? null : Math.min(...values))

function summarize(runs, direct) {
  const over = (key) => median(runs.map((run) => run[key]))
  return {
    rate: over('rate'),
    ratio: median(runs.map((run, round) => run.rate / direct[round].rate)),
    p50: over('p50'),
    p99: over('p99'),
    // The best round: whatever else runs can only add to it.
    cpu: best(runs.map((run) => run.cpu)),
    rss: runs.at(-1).rss,
    calls: runs.reduce((sum, run) => sum + run.calls, 0),
    failures: runs.reduce((sum, run) => sum + run.failures, 0),
    failure: runs.find((run) => run.failure)?.failure,
    runs,
  }
}

/** A way that fails at once is not worth measuring; the message is what the reader needs. */
function refuseFailure(report, way, { connections, size }) {
  if (report.failures > 0) {
    throw new Error(
      `${way.name}, ${size} KB, ${connections} connections: ${report.failures} requests failed; first: ${report.failure}`,
    )
  }
}
