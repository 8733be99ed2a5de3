/** The rules about the project as a whole: the folders of src/, its map, and nothing of the machine it was made on. */
import { folderOf } from './imports.ts'
import type { Problem } from './source.ts'

/** Every folder of src/ has its place in the line, and the map of src/ names it. */
export function folderProblems(paths: string[], line: string[], readme: string): Problem[] {
  const plan = 'test/architecture/plan.ts'
  const folders = new Set<string>()
  const problems: Problem[] = []
  for (const path of paths) {
    const folder = folderOf(path)
    if (folder !== undefined) folders.add(folder)
    else if (path !== 'src/README.md')
      problems.push({ path, line: 1, what: 'lies directly in src/', mend: 'move it to a folder of the line' })
  }
  for (const folder of folders) {
    if (!line.includes(folder))
      problems.push({ path: `src/${folder}`, line: 1, what: 'is not in the line', mend: `give it a place in LINE in ${plan}` })
    if (!new RegExp(`\\b${folder}/`).test(readme))
      problems.push({ path: 'src/README.md', line: 1, what: `does not name ${folder}/`, mend: 'say in one line what is in it' })
  }
  const drawn = line.join(' → ')
  if (!readme.includes(drawn))
    problems.push({
      path: 'src/README.md',
      line: 1,
      what: 'does not show the line of folders',
      mend: `write it as in ${plan}: ${drawn}`,
    })
  return problems
}

/** Nothing names the folders of the machine it was written on. `places` are folders such as the home of whoever runs the test. */
export function machineProblems(files: { path: string; text: string }[], places: string[]): Problem[] {
  const telling = places.filter((place) => place.length > 3)
  return files.flatMap(({ path, text }) =>
    telling.flatMap((place) => {
      const at = new RegExp(`(?<![\\w.~-])${escaped(place)}(?![\\w-])`).exec(text)
      if (!at) return []
      const line = text.slice(0, at.index).split('\n').length
      return [{ path, line, what: `names a folder of this machine, ${place}`, mend: 'use a relative path, ~ or a made-up one' }]
    }),
  )
}

/** A lock file without addresses installs from whatever registry its reader uses. */
export function lockProblems(files: { path: string; text: string }[]): Problem[] {
  return files.flatMap(({ path, text }) => {
    const at = text.indexOf('"resolved"')
    if (at < 0) return []
    const line = text.slice(0, at).split('\n').length
    return [{ path, line, what: 'names the registry it came from', mend: 'npm install --omit-lockfile-registry-resolved' }]
  })
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
