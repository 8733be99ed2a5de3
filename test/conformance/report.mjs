/** Prints the table of scenarios and the problems below it. */

/** How many problems of one scenario are shown: those that count, and those that only inform. */
const problemsMax = 3
const notesMax = 1

const wayWidth = 15

export function report(rows, ways, title) {
  const width = Math.max(38, ...rows.map(({ name }) => name.length))
  const line = (name, cells) => [name.padEnd(width), ...cells.map((cell) => cell.padEnd(wayWidth))].join('  ').trimEnd()
  console.log(`\n${line(`The gateway ${title}`, [...ways, 'demanded'])}`)
  for (const { name, demanded, ways: counts, problems } of rows) {
    const cells = ways.map((way) =>
      cell(
        counts[way],
        problems.some((problem) => problem.way === way),
      ),
    )
    console.log(line(name, [...cells, demanded ? 'yes' : 'no']))
  }
  list(
    'Notes (not demanded):',
    problemsOf(rows, ways, ({ fatal }) => !fatal, notesMax),
  )
  list(
    'Problems:',
    problemsOf(rows, ways, ({ fatal }) => fatal, problemsMax),
  )
  console.log(`\n${ways.map((way) => summary(rows, way)).join('\n')}`)
}

function cell({ passed, failed, warned }, marked) {
  return `${passed}/${failed}${warned > 0 ? `/${warned}w` : ''}${marked ? ' !' : ''}`
}

/** One line for each problem, with the ways that have it. */
function problemsOf(rows, ways, chosen, max) {
  return rows.flatMap(({ name, problems }) => {
    const waysByText = new Map()
    for (const { way, text } of problems.filter(chosen)) waysByText.set(text, [...(waysByText.get(text) ?? []), way])
    const lines = [...waysByText].map(
      ([text, having]) => `  ${name}: ${text}${having.length < ways.length ? ` (${having.join(', ')})` : ''}`,
    )
    const more = lines.length > max ? [`  ${name}: … and ${lines.length - max} more`] : []
    return [...lines.slice(0, max), ...more]
  })
}

function list(title, lines) {
  if (lines.length > 0) console.log(`\n${title}\n${lines.join('\n')}`)
}

function summary(rows, way) {
  const demanded = rows.filter((row) => row.demanded)
  const bad = demanded.filter(({ problems }) => problems.some((problem) => problem.way === way && problem.fatal))
  const total = (key) => rows.reduce((sum, row) => sum + row.ways[way][key], 0)
  const checks = `${total('passed')} checks passed, ${total('failed')} failed`
  return `${way.padEnd(wayWidth)}  ${demanded.length - bad.length} of ${demanded.length} demanded scenarios pass; ${checks}.`
}
