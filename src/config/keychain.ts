/** The keychain of the system: where `${keychain:name}` comes from. */
import type { AsyncEntry } from '@napi-rs/keyring'
import type { Fetched } from './interpolate.ts'

const SERVICE = 'mcp-gw'
/** A locked keychain asks its owner, who may be away. */
const ANSWER_MS = 20_000
const INSTEAD = 'or keep the value in .env beside the config and write ${NAME}'

/** What went wrong, in words that say what to do. */
export interface KeychainFailure {
  error: string
}

/** A secret by its name, or why it cannot be had. */
export async function readKeychain(name: string): Promise<Fetched> {
  const value = await withEntry(name, (entry, signal) => entry.getPassword(signal))
  if (value === null || value === undefined)
    return { error: `the keychain has no such secret; store it: mcp-gw secret set ${name}` }
  return typeof value === 'string' ? { value } : value
}

/** Puts a secret into the keychain, in place of one with the same name. */
export async function writeKeychain(name: string, value: string): Promise<KeychainFailure | undefined> {
  return (await withEntry(name, (entry, signal) => entry.setPassword(value, signal))) ?? undefined
}

/** Takes a secret out of the keychain; false where there is none. */
export async function removeFromKeychain(name: string): Promise<boolean | KeychainFailure> {
  return withEntry(name, (entry, signal) => entry.deleteCredential(signal))
}

/** The names of our secrets in the keychain. */
export async function listKeychain(): Promise<string[] | KeychainFailure> {
  return attempt(async ({ findCredentialsAsync }, signal) => {
    const found = await findCredentialsAsync(SERVICE, undefined, signal)
    return found.map(({ account }) => account).sort()
  })
}

/** Whether there is a keychain that can be used here and now; undefined where there is. */
export async function keychainFailure(): Promise<KeychainFailure | undefined> {
  const found = await withEntry('-', (entry, signal) => entry.getPassword(signal))
  return typeof found === 'object' && found !== null ? found : undefined
}

function withEntry<T>(name: string, use: (entry: AsyncEntry, signal: AbortSignal) => Promise<T>): Promise<T | KeychainFailure> {
  return attempt(({ AsyncEntry }, signal) => {
    // On Linux the package would fall back to the keyring of the kernel, which forgets everything when the machine restarts.
    return use(new AsyncEntry(SERVICE, name, { linux: { store: 'secret-service' } }), signal)
  })
}

type Keyring = typeof import('@napi-rs/keyring')

async function attempt<T>(use: (keyring: Keyring, signal: AbortSignal) => Promise<T>): Promise<T | KeychainFailure> {
  let keyring: Keyring
  try {
    keyring = await import('@napi-rs/keyring')
  } catch {
    // It is optional: there may be none for this system, or it was left out on purpose.
    return { error: `the package @napi-rs/keyring is not installed; install it beside mcp-gw, ${INSTEAD}` }
  }
  const signal = AbortSignal.timeout(ANSWER_MS)
  const late = new Promise<KeychainFailure>((resolve) => {
    signal.addEventListener('abort', () =>
      resolve({ error: `the keychain did not answer in ${ANSWER_MS / 1_000} s; is it locked? Unlock it, ${INSTEAD}` }),
    )
  })
  try {
    return await Promise.race([use(keyring, signal), late])
  } catch (error) {
    return { error: `the keychain of the system cannot be reached (${reasonOf(error)}); unlock or start it, ${INSTEAD}` }
  }
}

/** The innermost of the causes that the package strings together. */
function reasonOf(error: unknown): string {
  const { message } = error as Error
  if (/DBUS_SESSION_BUS_ADDRESS|autolaunch|zbus error: Failed to connect/i.test(message)) return 'there is no D-Bus session'
  return message.replace(/^(?:Platform failure|Couldn't access platform storage|DBus error): /g, '').trim()
}
