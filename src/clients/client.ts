/** What we know of an AI application: where it keeps its MCP servers, in which words, and what it can do. */
import type { FormatName, KeyPath, Tree } from './formats/format.ts'
import type { VariableForm } from './import/forms.ts'

export type System = 'linux' | 'darwin' | 'win32'

/**
 * `full`: found, imported, written and verified by itself. `target`: the same, written only when it is named.
 * `import`: only read, because nobody develops it further. `manual`: has no file that we may write; people get instructions.
 */
export type Tier = 'full' | 'target' | 'import' | 'manual'

/** `plugin` and `policy` belong to somebody else: a plugin's author, an administrator. We read them and never write. */
export type Scope = 'user' | 'project' | 'plugin' | 'policy'

/**
 * Paths in the words of `machine.ts`: `~/…`, `{app}/…`, `{VAR:-~/.x}/…`, `./…` for the project; `*` stands for one folder.
 * Of several, the first that exists is meant, and the first of all where none does; one that begins with a variable alone
 * (`{VAR}/…`) is meant wherever the variable is set. A path with `*` means every one that exists.
 */
export type Paths = readonly string[] | Readonly<Partial<Record<System, readonly string[]>>>

/** One file in which an application keeps servers. */
export interface ConfigFile {
  readonly scope: Scope
  readonly at: Paths
  readonly format: FormatName
  /** The keys that lead to the servers, which are a map by name unless `list` names the key of their names. */
  readonly key: KeyPath
  /** More places in the same file. `*` stands for any key; it is the folder of a project. */
  readonly also?: readonly KeyPath[]
  /** A whole file without `key` may be the map itself. */
  readonly bare?: boolean
  /** Servers stand in a list, and each says its name under this key. */
  readonly list?: string
  /** Never written, although its scope would allow it. */
  readonly readOnly?: boolean
  /** Where one of these exists, the application reads that instead, and we write nothing. */
  readonly hiddenBy?: readonly string[]
  /** It counts only where one of these exists: the folder of an extension, an older version of the application. */
  readonly when?: readonly string[]
  /** The application takes the folder `FILE.lock` while it writes, as proper-lockfile makes it; so do we. */
  readonly locked?: boolean
  /** Running instances rewrite it all the time, so that an edit may be lost to one that still has the old text. */
  readonly hot?: boolean
  /** Anybody may clone it, so it carries no token. */
  readonly shared?: boolean
}

/** The gateway as an application reaches it over HTTP. */
export interface HttpTarget {
  url: string
  headers: Record<string, string>
  /** The environment variable with the token, for applications that take its name instead of its value. */
  tokenVariable?: string
}

/** The bridge as an application starts it. */
export interface StdioTarget {
  command: string
  args: string[]
  env: Record<string, string>
}

/** How entries are read beyond the words that all applications share. */
export interface Dialect {
  /** The `${…}` of its files, and in which values it looks for them; without it, every text means itself. */
  readonly variables?: { readonly forms: readonly VariableForm[]; readonly only?: readonly ValueKind[] } | 'ours'
  /** Its keys for time limits: which of ours they are, and how many milliseconds one of them is. */
  readonly timeouts?: Readonly<Record<string, { readonly as: 'timeout' | 'start_timeout'; readonly unitMs: number }>>
  /** Whether a server is switched off elsewhere than in its entry: `trees` are all files of the client. */
  readonly off?: (trees: readonly Tree[], server: { name: string; project: string | undefined }) => boolean
  /** Tools that the file switches off elsewhere than in the entry. */
  readonly denied?: (trees: readonly Tree[], name: string) => string[]
}

/** The places of an entry whose texts may hold variables. */
export type ValueKind = 'command' | 'args' | 'env' | 'cwd' | 'url' | 'headers'

export interface Client {
  readonly id: string
  readonly name: string
  readonly tier: Exclude<Tier, 'manual'>
  /** What shows that it is installed: folders or files, programs in PATH, macOS applications. */
  readonly signs: { readonly paths?: Paths; readonly programs?: readonly string[]; readonly apps?: readonly string[] }
  readonly files: readonly ConfigFile[]
  /** The entry for the gateway over HTTP; absent where its file takes no addresses. */
  readonly http?: (target: HttpTarget) => Tree
  readonly stdio: (target: StdioTarget) => Tree
  readonly dialect: Dialect
  /** How it names an environment variable within a header, so that a token need not stand in the file. */
  readonly reference?: (variable: string) => string
  /** Its entry names the variable with the token (`tokenVariable`) instead of a header. */
  readonly namesToken?: boolean
  /** How an entry is kept but not used. */
  readonly off?: { readonly key: string; readonly value: boolean }
  /** It has no PATH of a shell, so programs must be named in full. */
  readonly graphical?: boolean
  /** Other applications that read the same file. */
  readonly alsoServes?: readonly string[]
  /** Clients that read this one's files too, by id: where this one has the gateway, they have it twice. */
  readonly readBy?: readonly string[]
  /** What a person does so that it sees a changed file. */
  readonly restart: string
  /** What a person should know who points it at the gateway. */
  readonly notes?: readonly string[]
  /** The version that this was checked with, or where it was read. */
  readonly verified: string
}

/** An application that is set up by hand. */
export interface ManualClient {
  readonly id: string
  readonly name: string
  readonly tier: 'manual'
  readonly instructions: (gateway: { url: string; command: string; args: string[] }) => string
}
