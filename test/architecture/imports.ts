/** The rules about imports: the line of folders, the homes of packages, and no cycles. */
import type { LineException } from './plan.ts'
import type { Import, Problem, Source } from './source.ts'

/** `src/std/size.ts` → `std`; undefined outside src/ and for a file that lies directly in it. */
export function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1]
}

interface LayerPlan {
  line: string[]
  exceptions: LineException[]
  outside: RegExp[]
}

/** A folder imports only from itself and from folders to its left. */
export function layerProblems(sources: Source[], plan: LayerPlan): Problem[] {
  const used = new Set<LineException>()
  const problems: Problem[] = []
  for (const source of sources)
    for (const found of source.imports) {
      const problem = layerProblem(source, found, plan, used)
      if (problem) problems.push({ path: source.path, line: found.line, ...problem })
    }
  for (const stale of plan.exceptions.filter((exception) => !used.has(exception)))
    problems.push({
      path: `src/${stale.from}`,
      line: 1,
      what: `the exception for src/${stale.to} is not used`,
      mend: 'remove it from LINE_EXCEPTIONS in test/architecture/plan.ts',
    })
  return problems
}

function layerProblem(source: Source, found: Import, plan: LayerPlan, used: Set<LineException>) {
  const { file } = found
  if (file === undefined) return undefined
  const from = folderOf(source.path)
  const to = folderOf(file)
  if (from === undefined || from === to) return undefined
  if (to === undefined) {
    if (plan.outside.some((allowed) => allowed.test(file))) return undefined
    return { what: `imports ${file}, which is not in a folder of src/`, mend: 'move what it needs into a folder of the line' }
  }
  const exception = plan.exceptions.find((known) => `src/${known.from}` === source.path && `src/${known.to}` === file)
  if (exception) used.add(exception)
  if (exception || plan.line.indexOf(to) < plan.line.indexOf(from)) return undefined
  return {
    what: `${from} imports ${file}, and ${to} is to its right in the line`,
    mend: `move the shared part to ${from} or further left, or let ${to} pass it in`,
  }
}

interface HomePlan {
  homes: Record<string, string[]>
  devDependencies: string[]
}

/** A package is imported only in its homes, and one that is only there for development nowhere. */
export function homeProblems(sources: Source[], plan: HomePlan): Problem[] {
  return sources.flatMap((source) =>
    source.imports.flatMap((found) => {
      const problem = homeProblem(source.path, found, plan)
      return problem ? [{ path: source.path, line: found.line, ...problem }] : []
    }),
  )
}

function homeProblem(path: string, found: Import, { homes, devDependencies }: HomePlan) {
  if (found.specifier === undefined)
    return { what: 'imports a computed name, which no rule can check', mend: 'write the name as a text' }
  const name = found.package
  if (name === undefined) return undefined
  if (devDependencies.includes(name))
    return {
      what: `imports ${name}, which users do not get`,
      mend: 'move it to "dependencies" and give it a home, or do without',
    }
  const allowed = Object.hasOwn(homes, name) ? homes[name] : undefined
  if (!allowed) return { what: `imports ${name}, which has no home`, mend: 'add it to HOMES in test/architecture/plan.ts' }
  const below = path.replace(/^src\//, '')
  if (allowed.some((home) => home === '*' || home === below || below.startsWith(`${home}/`))) return undefined
  return { what: `imports ${name}, whose home is ${allowed.join(', ')}`, mend: 'let that folder do it, and import from there' }
}

/** No file imports itself by way of others, not even for a type. One problem for each import that closes a circle. */
export function cycleProblems(sources: Source[]): Problem[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const done = new Set<string>()
  const problems: Problem[] = []
  const visit = (source: Source, trail: string[]): void => {
    const path = [...trail, source.path]
    for (const found of source.imports) {
      const next = found.file === undefined ? undefined : byPath.get(found.file)
      if (!next || done.has(next.path)) continue
      const start = path.indexOf(next.path)
      if (start >= 0) problems.push(cycleProblem(source.path, found.line, [...path.slice(start), next.path]))
      else visit(next, path)
    }
    done.add(source.path)
  }
  for (const source of sources) if (!done.has(source.path)) visit(source, [])
  return problems
}

function cycleProblem(path: string, line: number, circle: string[]): Problem {
  return { path, line, what: `closes a circle: ${circle.join(' → ')}`, mend: 'move what both need into a file of its own' }
}
