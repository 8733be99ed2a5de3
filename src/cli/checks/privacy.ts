/** Takes out of what is found whatever must not be seen by others: secrets, and whose home it is. */
import { masked } from '../../clients/preview.ts'
import type { Around } from './around.ts'
import type { Row } from './check.ts'

/** Hides every secret that we know of, in the config or in what the environment gave for it, and writes the home folder as `~`. */
export function privacyOf({ servers, settled, machine }: Around): (text: string) => string {
  const plain = servers.flatMap(({ secrets }) => secrets.map(({ value }) => value.reveal()))
  const { home } = machine
  return (text) => {
    const hidden = masked(settled?.redactor.scrub(text) ?? text, [...plain, ...FORMS])
    return home.length > 1 ? hidden.replaceAll(home, '~') : hidden
  }
}

/** What servers print of tokens that we do not know. */
const FORMS = [
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk-)[\w-]{16,}/,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/,
  /(?<=\bBearer )[\w.~+/-]{8,}/,
]

export function hidePrivate(row: Row, hide: (text: string) => string): Row {
  const { subject, message, fix, detail, repair } = row
  return {
    ...row,
    subject: hide(subject),
    message: hide(message),
    ...(fix !== undefined && { fix: hide(fix) }),
    ...(detail && { detail: detail.map(hide) }),
    ...(repair && { repair: { ...repair, does: hide(repair.does) } }),
  }
}
