/** Finds the secrets that stand in plain text in an entry, so that they can be kept elsewhere. Their values are never shown. */
import { Secret } from '../../std/secret.ts'
import type { ServerEntry } from './server-entry.ts'
import { mapTexts, type TextPlace, textsOf } from './texts.ts'
import { hasVariable, literal, plain, variableName } from './variables.ts'

export interface FoundSecret {
  /** Where it stands in the entry. */
  place: TextPlace
  value: Secret
  /** The name under which it is kept, unless somebody wants another. */
  variable: string
  because: 'its form' | 'its name' | 'its randomness'
}

/** The forms of tokens that their makers have published. */
const TOKENS = [
  /\bgh[pousr]_[A-Za-z0-9]{20,}/,
  /\bgithub_pat_\w{20,}/,
  /\bglpat-[\w-]{16,}/,
  /\bsk-[A-Za-z0-9_-]{16,}/,
  /\b[rs]k_(?:live|test)_\w{10,}/,
  /\bxox[abeprs]-[\w-]{10,}/,
  /\bxapp-[\w-]{10,}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bAIza[\w-]{30,}/,
  /\bya29\.[\w-]{20,}/,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/,
  /\b(?:npm|hf|gsk|r8|shpat|figd|sbp|ntn|secret|lin_api|dop_v1|whsec|pat)_\w{16,}/,
  /\b(?:tvly|pplx|pypi|fc|exa)-[\w-]{16,}/,
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/,
  /\bBSA[\w-]{20,}/,
]

const SECRET_WORDS =
  /(?:^|[_\W])(?:api_?keys?|access_?keys?|private_?keys?|secret_?keys?|keys?|tokens?|secrets?|password|passwd|passphrase|pass|pwd|pat|auth|authorization|credentials?|cookie|dsn|connection_?string)(?:$|[_\W])/i
/** Names that promise more than a setting, so that even a word of letters counts. */
const SURE_WORDS = /password|passwd|passphrase|secret|token|api_?key/i
/** What stands in examples. */
const PLACEHOLDER =
  /^(?:<.*>|\[.*\]|\*+|x{3,}|\.{3,}|(?:your|my|insert|replace|enter|add)[-_ ].*|.*(?:your[-_ ].*|[-_ ]here)|changeme|todo|none|null|example|placeholder|dummy|test)$/i
const WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/i
const SCHEME = /^(?:Bearer|Basic|Token|ApiKey|Bot)\s+/i
const FLAG_VALUE = /^(--?[\w-]+)=([\s\S]+)$/

/** Every secret of an entry in plain text. `server` is part of the names that are proposed where the entry has none. */
export function findSecrets(entry: ServerEntry, server: string): FoundSecret[] {
  const found = textsOf(entry).flatMap(({ text, place }) => inText(text, place, entry))
  return found.map(({ place, value, name, label, because }) => ({
    place,
    value: new Secret(plain(value), `the secret in ${place.join('.')}`),
    variable: name ?? nameWith(server, label ?? nameOf(place, entry)),
    because,
  }))
}

/** Whether a value only stands for a secret: `<your token>`. */
export function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value.trim())
}

/** The entry with each secret replaced by what `reference` gives for it, such as `${GITHUB_TOKEN}`. */
export function replaceSecrets(
  entry: ServerEntry,
  secrets: readonly FoundSecret[],
  reference: (secret: FoundSecret) => string,
): ServerEntry {
  return mapTexts(entry, (text, place) => {
    const here = secrets.filter((secret) => secret.place.join('\0') === place.join('\0'))
    return here.reduce((now, secret) => now.replace(literal(secret.value.reveal()), () => reference(secret)), text)
  })
}

interface Hit extends Pick<FoundSecret, 'place' | 'because'> {
  value: string
  /** The variable that it is already. */
  name?: string
  /** What it is called where it stands. */
  label?: string
}

/** `GITHUB_TOKEN` for the token of github, and not `EXA_EXA_API_KEY` for the exaApiKey of exa. */
function nameWith(server: string, label: string): string {
  const [own, prefix] = [variableName(label), variableName(server)]
  return own.startsWith(`${prefix}_`) ? own : variableName(`${server}_${label}`)
}

function inText(text: string, place: TextPlace, entry: ServerEntry): Hit[] {
  const [part, key] = place
  if (part === 'command' || part === 'cwd' || text === '') return []
  if (part === 'url') return inUrl(text, place)
  if (part === 'args') return inArgument(text, place, entry.args?.[Number(key) - 1])
  const value = part === 'headers' ? text.replace(SCHEME, '') : text
  const because = reason(value, String(key), { named: part === 'headers' && /^authorization$/i.test(String(key)) })
  if (!because) return []
  return [{ place, value, because, ...(part === 'env' && { name: String(key) }) }]
}

/** `--api-key=VALUE`, `--api-key VALUE`, or a word that is a token by itself. */
function inArgument(text: string, place: TextPlace, before: string | undefined): Hit[] {
  const [, flag, rest] = FLAG_VALUE.exec(text) ?? []
  const value = rest ?? text
  const name = flag ?? (before?.startsWith('-') && !before.includes('=') ? before : '')
  // `--header "Authorization: Bearer …"` and `-e NAME=VALUE`
  const inner = /^([\w-]+)\s*[:=]\s*(?!\/\/)(.+)$/s.exec(value)
  if (inner) {
    const secret = (inner[2] as string).replace(SCHEME, '')
    const name = inner[1] as string
    const because = reason(secret, name, { named: /^authorization$/i.test(name) })
    return because ? [{ place, value: secret, because, ...(/^[A-Z][A-Z0-9_]*$/.test(name) && { name }) }] : []
  }
  const because = text.startsWith('-') && rest === undefined ? undefined : reason(value, name)
  return because ? [{ place, value, because }] : []
}

/** Passwords, keys in the query, and parts of the path that nobody could guess. */
function inUrl(text: string, place: TextPlace): Hit[] {
  const password = WITH_PASSWORD.exec(text)?.[1]
  const query = [...text.matchAll(/[?&]([^=&#]+)=([^&#]+)/g)].map(([, name = '', value = '']) => ({
    label: name,
    value,
    because: reason(value, name),
  }))
  const path = text.replace(/[?#].*$/s, '').replace(/^[a-z]+:\/\/[^/]*/i, '')
  const parts = path.split('/').map((value) => ({ label: 'key', value, because: reason(value, '') }))
  const all = [
    ...(password === undefined ? [] : [{ label: 'password', value: password, because: 'its name' as const }]),
    ...query,
    ...parts,
  ]
  return all.flatMap(({ label, value, because }) => (because && !hasVariable(value) ? [{ place, label, value, because }] : []))
}

/** Why a value is a secret; undefined where it is none. */
function reason(value: string, name: string, { named = false } = {}): FoundSecret['because'] | undefined {
  if (value.trim() === '' || hasVariable(value) || isPlaceholder(value)) return undefined
  if (TOKENS.some((token) => token.test(value))) return 'its form'
  if (WITH_PASSWORD.test(value)) return 'its form'
  if (named || (SECRET_WORDS.test(spaced(name)) && isNoSetting(value, name))) return 'its name'
  return isRandom(value) ? 'its randomness' : undefined
}

/** `apiKey` → `api_Key` */
function spaced(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2')
}

/** `TOKEN_LIMIT=4000`, `KEY_FILE=/path` and `AUTH=oauth` are settings. */
function isNoSetting(value: string, name: string): boolean {
  if (/^(?:\d{1,6}|true|false|yes|no|on|off)$/i.test(value) || /^(?:[.~]{0,2}[\\/]|[A-Za-z]:[\\/]|https?:\/\/)/.test(value))
    return false
  return SURE_WORDS.test(name) ? value.length >= 3 : value.length >= 8 && !/^[a-z]+(?:[-_][a-z]+)*$/.test(value)
}

const RANDOM_LENGTH_MIN = 24
const RANDOM_BITS_MIN = 3.4
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Long, of letters and digits mixed, and with no more order than chance gives. Names and paths have other signs in them. */
function isRandom(value: string): boolean {
  if (value.length < RANDOM_LENGTH_MIN || !/^[A-Za-z0-9_+=-]+$/.test(value) || UUID.test(value)) return false
  const digits = value.match(/\d/g)?.length ?? 0
  const dashes = value.match(/[-_]/g)?.length ?? 0
  return digits >= 4 && dashes <= 3 && digits < value.length && bitsPerCharacter(value) >= RANDOM_BITS_MIN
}

function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>()
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1)
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0)
}

/** What a secret is called that stands under no name of its own. */
function nameOf([part, key]: TextPlace, entry: ServerEntry): string {
  if (part === 'headers') return /^authorization$/i.test(String(key)) ? 'token' : String(key).replace(/^x-/i, '')
  if (part !== 'args') return 'key'
  const text = entry.args?.[Number(key)] ?? ''
  const before = entry.args?.[Number(key) - 1] ?? ''
  const flag = /^--?([A-Za-z][\w-]*)/.exec(text)?.[1] ?? /^--?([A-Za-z][\w-]*)$/.exec(before)?.[1]
  return flag === undefined || /^(?:header|headers|e|env|H)$/.test(flag) ? 'token' : flag
}
