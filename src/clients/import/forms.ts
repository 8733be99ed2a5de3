/** The forms in which clients write variables: `${VAR}`, `{env:VAR}`, `${workspaceFolder}` and others. */

/** What one form in a text stands for. */
export type Meaning =
  | { variable: string; fallback?: string /** Without a value it is nothing, not an error. */; optional?: true }
  | { file: string }
  | { place: 'home' | 'project' | 'project name' | 'separator' }
  /** A value that the client asked a person for and keeps where we cannot read it. */
  | { input: string }

export interface VariableForm {
  readonly pattern: RegExp
  /** Undefined where only the client itself can say what the form stands for. */
  readonly read: (found: readonly string[]) => Meaning | undefined
  /** Only on Windows. */
  readonly windows?: true
}

const variable = (pattern: RegExp, optional?: true): VariableForm => ({
  pattern,
  read: ([, name = '', fallback]) => ({
    variable: name,
    ...(fallback === undefined ? {} : { fallback }),
    ...(optional && { optional }),
  }),
})

/** `${VAR}` */
export const BRACES = variable(/\$\{([A-Za-z_]\w*)\}/)
/** `${VAR:-default}` */
export const BRACES_DEFAULT = variable(/\$\{([A-Za-z_]\w*):-([^{}]*)\}/)
/** `${VAR}` where one that is not set is nothing, and no error. */
export const BRACES_OPTIONAL = variable(/\$\{([A-Za-z_]\w*)\}/, true)
/** `$VAR` and `${VAR}` of clients that make nothing of a variable that is not set. */
export const SHELL_LIKE = [
  BRACES_OPTIONAL,
  variable(/\$([A-Za-z_]\w*)/, true),
  { ...variable(/%([A-Za-z_]\w*)%/, true), windows: true },
] as const satisfies VariableForm[]
/** `${env:VAR}` */
export const ENV = variable(/\$\{env:([^{}]+)\}/, true)
/** `{env:VAR}` and `{file:path}` */
export const CURLY = [
  variable(/\{env:([^{}]+)\}/, true),
  { pattern: /\{file:([^{}]+)\}/, read: ([, file = '']) => ({ file }) },
] as const satisfies VariableForm[]
/** `${file:path}` */
export const FILE: VariableForm = { pattern: /\$\{file:([^{}]+)\}/, read: ([, file = '']) => ({ file }) }
/** `${input:id}` */
export const INPUT: VariableForm = { pattern: /\$\{input:([^{}]+)\}/, read: ([, input = '']) => ({ input }) }
/** The places that editors know: `${userHome}`, `${workspaceFolder}`. */
export const PLACES: VariableForm = {
  pattern: /\$\{(userHome|workspaceFolder(?:Basename)?(?::[^{}]*)?|workspaceRoot|pathSeparator|\/)\}/,
  read: ([, name = '']) => {
    if (name === 'userHome') return { place: 'home' }
    if (name === 'pathSeparator' || name === '/') return { place: 'separator' }
    return { place: name.startsWith('workspaceFolderBasename') ? 'project name' : 'project' }
  },
}
/** Anything else between `${` and `}` that an editor would fill in. */
export const FOREIGN: VariableForm = { pattern: /\$\{(?:command|config|cmd|secret|secrets)[:.][^{}]*\}/, read: () => undefined }
