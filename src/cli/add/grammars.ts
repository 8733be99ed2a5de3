/** The add commands of other programs, as people copy them from READMEs: a record each. */
import type { Field, Grammar } from './grammar.ts'

type Flags = Grammar['flags']

export const value = (field: Field) => [field, 'value'] as const
export const nothing = (field: Field) => [field, 'nothing'] as const
const pairs = (field: Field) => [field, 'pairs'] as const

export const ENV: Flags = { '-e': pairs('env'), '--env': pairs('env') }
export const HEADER: Flags = { '-H': pairs('header'), '--header': pairs('header') }
export const TRANSPORT: Flags = { '-t': value('transport'), '--transport': value('transport') }
const SCOPE: Flags = { '-s': value('client'), '--scope': value('client') }
const OAUTH: Flags = {
  '--oauth-client-id': value('login'),
  '--oauth-client-secret': value('login'),
  '--oauth-client-registration': value('login'),
  '--oauth-resource': value('login'),
  '--oauth-scopes': value('login'),
  '--oauth-authorization-url': value('login'),
  '--oauth-token-url': value('login'),
  '--oauth-redirect-uri': value('login'),
}
/** Gemini CLI and what was made from it. */
const GEMINI: Flags = {
  ...SCOPE,
  ...TRANSPORT,
  '--type': value('transport'),
  ...ENV,
  ...HEADER,
  '--timeout': value('timeout'),
  '--trust': nothing('approval'),
  '--description': value('client'),
  '--include-tools': value('allow'),
  '--exclude-tools': value('deny'),
  ...OAUTH,
}

interface Foreign extends Grammar {
  /** The words by which the command is known, in small letters. */
  starts: readonly string[]
}

const CLAUDE: Flags = {
  ...SCOPE,
  ...TRANSPORT,
  ...ENV,
  ...HEADER,
  '--client-id': value('login'),
  '--client-secret': nothing('login'),
  '--callback-port': value('login'),
}
const NAMED = ['name', 'target'] as const

export const FOREIGN: readonly Foreign[] = [
  { id: 'claude mcp add', starts: ['claude mcp add'], words: NAMED, flags: CLAUDE },
  { id: 'claude mcp add-json', starts: ['claude mcp add-json'], words: ['name', 'json'], flags: CLAUDE },
  {
    id: 'codex mcp add',
    starts: ['codex mcp add'],
    words: NAMED,
    flags: { ...ENV, '--url': value('url'), '--bearer-token-env-var': value('bearer'), ...OAUTH },
  },
  { id: 'gemini mcp add', starts: ['gemini mcp add'], words: NAMED, flags: GEMINI },
  { id: 'qwen mcp add', starts: ['qwen mcp add'], words: NAMED, flags: GEMINI },
  {
    id: 'code --add-mcp',
    starts: ['code --add-mcp', 'code-insiders --add-mcp', 'codium --add-mcp', 'cursor --add-mcp'],
    words: ['json'],
    flags: { '--profile': value('client') },
  },
  {
    id: 'copilot mcp add',
    starts: ['copilot mcp add'],
    words: NAMED,
    flags: {
      ...TRANSPORT,
      '--type': value('transport'),
      ...ENV,
      ...HEADER,
      '--tools': value('allow'),
      '--timeout': value('timeout'),
      '--json': nothing('client'),
      '--show-secrets': nothing('client'),
    },
  },
  { id: 'amp mcp add', starts: ['amp mcp add'], words: NAMED, flags: { '--workspace': nothing('client'), ...ENV, ...HEADER } },
  {
    id: 'droid mcp add',
    starts: ['droid mcp add'],
    words: NAMED,
    flags: { '--type': value('transport'), ...ENV, ...HEADER, '--no-oauth': nothing('client') },
  },
  {
    id: 'auggie mcp add',
    starts: ['auggie mcp add'],
    words: NAMED,
    flags: {
      '-c': value('command'),
      '--command': value('command'),
      '--args': value('args'),
      '-u': value('url'),
      '--url': value('url'),
      ...TRANSPORT,
      ...ENV,
      ...HEADER,
      '-r': nothing('client'),
      '--replace': nothing('client'),
      '--project': nothing('client'),
      '--local': nothing('client'),
    },
  },
  { id: 'auggie mcp add-json', starts: ['auggie mcp add-json'], words: ['name', 'json'], flags: SCOPE },
  {
    id: 'cline mcp add',
    starts: ['cline mcp add', 'cline mcp install'],
    words: NAMED,
    flags: { ...TRANSPORT, ...ENV, ...HEADER, '--yes': nothing('client'), '--json': nothing('client') },
  },
  { id: 'opencode mcp add', starts: ['opencode mcp add'], words: NAMED, flags: { '--url': value('url'), ...ENV, ...HEADER } },
  {
    id: 'kiro-cli mcp add',
    starts: ['kiro-cli mcp add', 'kiro mcp add', 'q mcp add'],
    words: NAMED,
    flags: {
      '--name': value('name'),
      '--command': value('command'),
      '--args': value('args'),
      '--url': value('url'),
      ...ENV,
      ...HEADER,
      '--timeout': value('timeout'),
      '--scope': value('client'),
      '--agent': value('client'),
      '--force': nothing('client'),
      '--disabled': nothing('disabled'),
    },
  },
  {
    id: 'crush mcp add',
    starts: ['mcp add'],
    words: NAMED,
    flags: {
      '--type': value('transport'),
      '--url': value('url'),
      '--command': value('command'),
      '--args': value('args'),
      '--env': ['env', 'two'],
      '--header': ['header', 'two'],
      '--timeout': value('client'),
      '--disabled-tools': value('deny'),
    },
  },
  {
    id: 'add-mcp',
    starts: ['add-mcp'],
    words: ['target'],
    flags: {
      '-g': nothing('client'),
      '--global': nothing('client'),
      ...TRANSPORT,
      '--type': value('transport'),
      ...ENV,
      ...HEADER,
      '-n': value('name'),
      '--name': value('name'),
      '--args': value('args'),
      '--timeout': value('timeout'),
      '-a': value('client'),
      '--agent': value('client'),
      '--all': nothing('client'),
      '-y': nothing('client'),
      '--yes': nothing('client'),
      '--gitignore': nothing('client'),
      '--scopes': value('login'),
      '--auto-approve': nothing('approval'),
    },
  },
]
