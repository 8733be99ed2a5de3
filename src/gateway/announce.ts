/** Tells sessions that their lists have changed: only those that have, and only where the bytes are other ones. */
import { notification } from '../protocol/read.ts'
import type { Section } from '../upstream/listing.ts'
import type { Services } from './services.ts'
import type { Session } from './session.ts'

/** By list: the notification that it has changed. */
const CHANGES: Record<Section, string> = {
  tools: 'notifications/tools/list_changed',
  prompts: 'notifications/prompts/list_changed',
  resources: 'notifications/resources/list_changed',
  templates: 'notifications/resources/list_changed',
}

const SECTIONS = Object.keys(CHANGES) as Section[]

/** Notes the lists as they are now, so that the next change is told. */
export function remember(session: Session, { surfaces }: Pick<Services, 'surfaces'>): void {
  for (const section of SECTIONS) {
    const list = surfaces.list(session, section)
    if (list) session.shown.set(section, list.bytes)
  }
}

/** Tells a session the list changes that are true for it. */
export function announce(session: Session, { surfaces, usage }: Services): void {
  const due = new Set<string>()
  for (const section of SECTIONS) {
    const bytes = surfaces.list(session, section)?.bytes
    // While it is counted what a list costs nobody knows which one it will be; then it is announced again.
    if (!bytes) continue
    const known = session.shown.get(section)
    const same = known?.equals(bytes)
    if (section === 'tools' && known) usage.listed(same ? 'spared' : 'changes', bytes.length)
    if (same) continue
    session.shown.set(section, bytes)
    if (known) due.add(CHANGES[section])
  }
  for (const method of due) session.notify([notification(method).bytes])
}
