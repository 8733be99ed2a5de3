/** Which requests are sent once more after the gateway broke off in the middle of them, and when. */
import type { Entry } from './held.ts'
import type { End } from './posted.ts'
import type { Remembered } from './remembered.ts'

/** Not at once: while a gateway dies, it still accepts what it will not answer. */
const PAUSES_MS = [50, 250, 1_000]

/** Tells how a request ended, or after a pause that it is to be sent again. */
export function settle(entry: Entry, end: End, remembered: Remembered, over: (end: End) => void): void {
  const repeats = end.kind === 'interrupted' && remembered.repeatable(entry.message)
  const pauseMs = repeats ? PAUSES_MS[entry.repeats++] : undefined
  if (pauseMs === undefined) over(end)
  else setTimeout(over, pauseMs, { kind: 'again', message: end.message } satisfies End)
}
