/** Prints the table of scenarios and the problems below it. */

/** How many problems of one scenario are shown. */
const textsMax = 3

export function report(rows, ways, requirements) {
  const width = Math.max(...rows.map(({ name }) => name.length))
  const line = (name, cells) => [name.padEnd(width), ...cells.map((cell) => cell.padEnd(8))].join('  ').trimEnd()
  console.log(line(`Requirements ${requirements}`, [...ways, 'scored']))
  for (const { name, scored, ways: counts, problems } of rows) {
    const cells = ways.map((way) =>
      cell(
        counts[way],
        problems.some((problem) => problem.way === way),
      ),
    )
    console.log(line(name, [...cells, scored ? 'yes' : 'no']))
  }
  list('Notes (not scored):', rows, ways, false)
  list('Problems:', rows, ways, true)
  console.log(`\n${ways.map((way) => summary(rows, way)).join('\n')}`)
}

function cell({ passed, failed, warned }, marked) {
  return `${passed}/${failed}${warned > 0 ? `/${warned}w` : ''}${marked ? ' !' : ''}`
}

function list(title, rows, ways, fatal) {
  const lines = rows.flatMap(({ name, problems }) =>
    ways.flatMap((way) => {
      const texts = problems.filter((problem) => problem.way === way && problem.fatal === fatal).map(({ text }) => text)
      const more = texts.length > textsMax ? [`… and ${texts.length - textsMax} more`] : []
      return [...texts.slice(0, textsMax), ...more].map((text) => `  ${way.padEnd(6)}  ${name}: ${text}`)
    }),
  )
  if (lines.length > 0) console.log(`\n${title}\n${lines.join('\n')}`)
}

function summary(rows, way) {
  const scored = rows.filter((row) => row.scored)
  const bad = scored.filter(({ problems }) => problems.some((problem) => problem.way === way))
  const total = (key) => rows.reduce((sum, row) => sum + row.ways[way][key], 0)
  const checks = `${total('passed')} checks passed, ${total('failed')} failed`
  return `${way.padEnd(6)}  ${scored.length - bad.length} of ${scored.length} scored scenarios pass; ${checks}.`
}
