/** What the gateway has to reach, as data: each line takes its number from the measurements. Nothing fails when one is missed. */

const cell =
  (connections, size, fresh = false) =>
  (numbers) =>
    numbers.cells.find((one) => one.connections === connections && one.size === size && one.fresh === fresh)?.ways

const smallAt64 = cell(64, 0.2)
const smallAt1 = cell(1, 0.2)
const times = (a, b) => (a == null || b == null ? null : a / b)

/** How a combination of eras compares with sessions on both sides, at one transport to the server. */
const era = (transport, name) => (numbers) => {
  const ways = numbers.eras?.find((one) => one.transport === transport)?.ways
  return ways && { ...ways[name], base: ways['session → session'] }
}
const dearer = (transport, name) => ({
  what: `${name}, ${transport}: CPU ÷ session → session`,
  atMost: 1.3,
  of: (n) => times(era(transport, name)(n)?.cpu, era(transport, name)(n)?.base.cpu),
})
const slower = (transport, name) => ({
  what: `${name}, ${transport}: rate ÷ session → session`,
  atLeast: 0.77,
  of: (n) => era(transport, name)(n)?.ratio,
})

export const targets = [
  { what: 'stdio, 0.2 KB, c=64: rate ÷ direct', atLeast: 0.45, later: 0.6, of: (n) => smallAt64(n)?.stdio.ratio },
  { what: 'stdio, 0.2 KB, c=64: CPU µs per call', atMost: 60, later: 40, of: (n) => smallAt64(n)?.stdio.cpu },
  { what: 'stdio, 0.2 KB, c=64: p99 ÷ direct', atMost: 3, of: (n) => times(smallAt64(n)?.stdio.p99, smallAt64(n)?.direct.p99) },
  {
    what: 'stdio, 0.2 KB, c=1: p50 ÷ direct',
    atMost: 4,
    later: 3,
    of: (n) => times(smallAt1(n)?.stdio.p50, smallAt1(n)?.direct.p50),
  },
  { what: 'HTTP, 0.2 KB, c=64: rate ÷ direct', atLeast: 0.3, later: 0.45, of: (n) => smallAt64(n)?.http.ratio },
  { what: 'HTTP, 0.2 KB, c=64: CPU µs per call', atMost: 120, later: 75, of: (n) => smallAt64(n)?.http.cpu },
  {
    what: 'stdio, 100 KB written anew, c=8: rate ÷ direct',
    atLeast: 0.9,
    later: 1.3,
    of: (n) => cell(8, 100, true)(n)?.stdio.ratio,
  },
  {
    what: 'stdio, 1 MB written anew, c=4: rate ÷ direct',
    atLeast: 0.9,
    later: 1.3,
    of: (n) => cell(4, 1000, true)(n)?.stdio.ratio,
  },
  {
    what: 'stdio, 1 MB, c=16: RSS of the last round ÷ of the first',
    atMost: 1.1,
    of: (n) => growth(cell(16, 1000)(n)?.stdio.runs),
  },
  { what: 'process start to listening, ms', atMost: 120, of: (n) => n.start?.listeningMs },
  { what: 'process start to listening ÷ node -e 0', later: 1.5, of: (n) => times(n.start?.listeningMs, n.start?.bareMs) },
  { what: 'idle RSS without servers, MB', atMost: 60, later: 52, of: (n) => n.start?.idleRss },
  { what: '30 servers asleep: process start to tools/list, ms', atMost: 150, of: (n) => n.sleepers?.answeredMs },
  { what: '30 servers asleep: processes beside the gateway', atMost: 0, of: (n) => n.sleepers?.children },
  { what: '30 servers asleep: idle RSS of the whole tree, MB', atMost: 60, of: (n) => n.sleepers?.rss },
  {
    // Not the p50: moving these five megabytes through a socket alone takes as long, as the direct way shows.
    what: 'tools/list of 10,000 tools: CPU ms',
    atMost: 2,
    of: (n) => times(n.lists?.find((list) => list.toolsCount === 10_000)?.cpu, 1000),
  },
  dearer('http', 'stateless → stateless'),
  slower('http', 'stateless → stateless'),
  dearer('stdio', 'stateless → session'),
  slower('stdio', 'stateless → session'),
  { what: '10,000 streams that listen: RSS, MB', atMost: 500, of: (n) => n.listeners?.rss },
  { what: 'a million calls: RSS ÷ after ten thousand', atMost: 1.1, of: (n) => times(n.soak?.rss.at(-1), n.soak?.rss[0]) },
]

function growth(runs) {
  return runs && times(runs.at(-1).rss, runs[0].rss)
}

/** The lines that were measured, each with its value and whether it holds. */
export function judge(numbers) {
  return targets.flatMap(({ what, atLeast, atMost, later, of }) => {
    const value = of(numbers)
    if (value == null || Number.isNaN(value)) return []
    const sign = atLeast === undefined ? '≤' : '≥'
    const passes = (limit) => (limit === undefined ? undefined : sign === '≥' ? value >= limit : value <= limit)
    const reach = atLeast ?? atMost
    return [{ what, value, sign, reach, later, holds: passes(reach), holdsLater: passes(later) }]
  })
}
