/** How this very process was started, for those that are to start us again. */
import { realpathSync } from 'node:fs'
import type { OwnProgram } from '../clients/export/bridge-command.ts'
import { VERSION } from './version.ts'

export function ownProgram(): OwnProgram {
  const script = process.argv[1] ?? ''
  return { node: process.execPath, script: script === '' ? script : realpathSync(script), version: VERSION }
}
