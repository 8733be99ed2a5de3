/** Addresses of servers that have moved, and where they are now. */
import catalogue from '../../../templates/known-servers.json' with { type: 'json' }

/** Each was announced by its vendor; the old address answers no more, or will not for long. */
const MOVED: Readonly<Record<string, string>> = catalogue.moved

/** Where a server is now; undefined where it has not moved. */
export function movedTo(url: string): string | undefined {
  const plain = url.replace(/\/+$/, '').toLowerCase()
  return Object.hasOwn(MOVED, plain) ? MOVED[plain] : undefined
}
