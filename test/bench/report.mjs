/** Prints the numbers: a table of the calls, a table of the targets, for a terminal or as Markdown. */

const dash = '–'
const number = (value, digits) => (value == null || Number.isNaN(value) ? dash : value.toFixed(digits))
const ratio = (value) => number(value, value >= 10 ? 1 : 2)
const whole = (value) => (value == null ? dash : Math.round(value).toLocaleString('en-US'))

function time(micros) {
  if (micros == null || Number.isNaN(micros)) return dash
  return micros < 1000 ? `${Math.round(micros)} µs` : `${(micros / 1000).toFixed(micros < 10_000 ? 1 : 0)} ms`
}

const labels = { direct: 'direct', stdio: 'gateway → stdio', http: 'gateway → HTTP' }

function callRows(cells) {
  return cells.flatMap(({ connections, size, fresh, ways }) =>
    Object.entries(ways).map(([name, way], n) => [
      n === 0 ? `${size}${fresh ? ' anew' : ''}` : '',
      n === 0 ? String(connections) : '',
      labels[name],
      whole(way.rate),
      ratio(way.ratio),
      time(way.p50),
      time(way.p99),
      whole(way.cpu),
      whole(way.rss),
    ]),
  )
}

function eraRows(cells) {
  return cells.flatMap(({ transport, ways }) =>
    Object.entries(ways).map(([name, way], n) => [
      n === 0 ? transport : '',
      name,
      whole(way.rate),
      ratio(way.ratio),
      time(way.p50),
      time(way.p99),
      whole(way.cpu),
    ]),
  )
}

const eraHead = ['to the server', 'client → server', 'req/s', '÷ first', 'p50', 'p99', 'CPU µs']
const callHead = ['KB', 'c', 'way', 'req/s', '÷ direct', 'p50', 'p99', 'CPU µs', 'RSS MB']
const targetHead = ['target', 'reach', 'later', 'seen', 'holds']

function targetRows(judged) {
  const word = (line) => (line.holdsLater ? 'yes, both' : line.holds ? 'yes' : line.holds === false ? 'no' : 'not yet')
  const limit = (sign, value) => (value === undefined ? '' : `${sign} ${value}`)
  return judged.map((line) => [
    line.what,
    limit(line.sign, line.reach),
    limit(line.sign, line.later),
    ratio(line.value),
    word(line),
  ])
}

/** Text columns are `left`; all others hold numbers and end at the right. */
function plain(head, rows, left) {
  const widths = head.map((title, n) => Math.max(title.length, ...rows.map((row) => row[n].length)))
  const line = (row) =>
    row
      .map((text, n) => (left.includes(n) ? text.padEnd(widths[n]) : text.padStart(widths[n])))
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

function markdown(head, rows, left) {
  const line = (row) => `| ${row.join(' | ')} |`
  return [line(head), line(head.map((_, n) => (left.includes(n) ? '---' : '--:'))), ...rows.map(line)].join('\n')
}

function facts({ machine, start, sleepers, lists, listeners, soak }) {
  const lines = [
    `Node ${machine.node}, ${machine.platform}, ${machine.cpus} CPUs, load before the run ${number(machine.load, 2)}.`,
  ]
  if (start) {
    const first = `${whole(start.firstMs)} ms the first time`
    lines.push(`Start to listening: ${whole(start.listeningMs)} ms, ${first}; node -e 0: ${whole(start.bareMs)} ms.`)
    lines.push(`Idle, without servers: ${whole(start.idleRss)} MB.`)
  }
  if (sleepers) {
    const { bareMs, answeredMs, listeningMs, cpuMs, children, rss } = sleepers
    const of = `listening after ${whole(listeningMs)} ms, CPU ${whole(cpuMs)} ms, node -e 0 from start to end ${whole(bareMs)} ms`
    const when = `tools/list ${whole(answeredMs)} ms after process start (${of})`
    lines.push(`30 servers asleep: ${when}; processes beside the gateway: ${children}; idle ${whole(rss)} MB.`)
  }
  for (const { toolsCount, p50, p99, cpu, direct } of lists ?? []) {
    const gateway = `p50 ${time(p50)}, p99 ${time(p99)}, CPU ${time(cpu)}`
    lines.push(`tools/list of ${whole(toolsCount)} tools: ${gateway}; direct from prepared bytes p50 ${time(direct.p50)}.`)
  }
  if (listeners) {
    const { count, before, rss } = listeners
    const each = Math.round(((rss - before) * 1e6) / count)
    lines.push(`${whole(count)} streams that listen: ${whole(rss)} MB (${whole(before)} MB before, ${whole(each)} bytes each).`)
  }
  if (soak)
    lines.push(`${whole(soak.calls)} calls: RSS ${soak.rss.map(whole).join(', ')} MB after 10 thousand, 100 thousand, all.`)
  if (machine.platform !== 'linux')
    lines.push('CPU and RSS are left out: they are read from /proc, which this system does not have.')
  return lines
}

/** The whole report as text. `form` is `plain` or `markdown`. */
export function report(numbers, judged, form) {
  const table = form === 'markdown' ? markdown : plain
  const judgement = table(targetHead, targetRows(judged), [0, 4])
  const eras = numbers.eras ? ['', table(eraHead, eraRows(numbers.eras), [0, 1])] : []
  if (numbers.cells.length === 0) return [...facts(numbers), ...eras, '', judgement].join('\n')
  const calls = table(callHead, callRows(numbers.cells), [2])
  const notes = [
    'Each way was measured in turn, over real sockets, successes only. CPU and RSS are those of the process that answers:',
    'the gateway alone, or the direct server. The CPU is that of the best round, all else is the median of the rounds.',
    '"anew" is a server that writes its JSON for each call; the others answer from prepared bytes, which costs them nothing.',
  ]
  return [...facts(numbers), '', calls, ...eras, '', judgement, '', ...notes].join('\n')
}
