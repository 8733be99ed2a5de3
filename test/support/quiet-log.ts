/** A log for tests of single parts, which nobody reads. */
import { createLog, type Log } from '../../src/observe/log.ts'
import { Redactor } from '../../src/std/secret.ts'

export function quietLog(): Log {
  return createLog('error', new Redactor(), { terminal: false, write: () => undefined })
}
