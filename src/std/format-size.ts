/** Sizes for people; apart from what reads them, which takes a library to load. */

export const UNITS: Record<string, number> = { B: 1, KB: 1_024, MB: 1_048_576, GB: 1_073_741_824 }

/** A size for people: `512 B`, `1.5 MB`, `88 MB`. */
export function formatSize(bytes: number): string {
  const [unit, one] = Object.entries(UNITS).findLast(([, least]) => bytes >= least) ?? ['B', 1]
  const count = bytes / one
  return `${count < 10 && one > 1 ? count.toFixed(1) : Math.round(count)} ${unit}`
}
