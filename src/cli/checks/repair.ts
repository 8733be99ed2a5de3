/** Mends what can be mended: what is safe at once, the rest where somebody agrees. */
import type { Row } from './check.ts'

export interface Mended {
  /** The checks whose findings it was about. */
  ids: Set<string>
  done: string[]
  failed: string[]
  /** What nobody has agreed to. */
  left: string[]
}

/** `agree` is asked about each repair that takes something away or decides something. */
export async function mend(rows: readonly Row[], agree: (does: string) => Promise<boolean>): Promise<Mended> {
  const mended: Mended = { ids: new Set(), done: [], failed: [], left: [] }
  const tried = new Set<string>()
  for (const { id, repair } of rows) {
    if (!repair || tried.has(repair.key)) continue
    tried.add(repair.key)
    if (repair.asks && !(await agree(repair.does))) {
      mended.left.push(repair.does)
      continue
    }
    for (const row of rows) if (row.repair?.key === repair.key) mended.ids.add(row.id)
    mended.ids.add(id)
    // One that fails does not stop the others.
    const failure = await repair.run().then(
      () => undefined,
      (error: Error) => error.message,
    )
    if (failure === undefined) mended.done.push(repair.does)
    else mended.failed.push(`${repair.does}: ${failure}`)
  }
  return mended
}
