/** What earlier runs of the gateway have learned, in its state folder. */
import { join } from 'node:path'
import { homeDir, stateDir } from '../std/paths.ts'
import { StateFile } from '../std/state-file.ts'
import { SnapshotFolder } from '../upstream/snapshot.ts'
import type { Context, Learned } from './context.ts'

export function learned({ log }: Pick<Context, 'log'>): Learned {
  const folder = stateDir(process.env, process.platform, homeDir(process.env))
  const lost = (err: Error): void => log.debug({ err }, 'what is known of costs and use cannot be kept')
  return {
    snapshots: new SnapshotFolder(join(folder, 'snapshots'), log),
    counts: new StateFile(join(folder, 'token-counts.json'), lost),
    usage: new StateFile(join(folder, 'usage.json'), lost),
    resultsFolder: join(folder, 'results'),
  }
}
