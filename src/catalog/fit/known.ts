/** What is known of clients: one record each, every fact with the place where it can be looked up. */
import type { Facts } from './fit.ts'
import type { PassName } from './passes.ts'

export interface ClientRecord {
  /** Its name as people know it. */
  readonly client: string
  /** Globs of the name that it gives of itself (`clientInfo.name`); case does not count. */
  readonly names: readonly string[]
  /** Holds for versions before this one only; the records of newer versions stand below. */
  readonly before?: string
  readonly facts: Facts
  /** Where each fact comes from. */
  readonly sources: Readonly<Partial<Record<keyof Facts, string>>>
}

/** Interfaces of models that refuse a whole request for one schema: what clients that pass schemas on as they are stumble over. */
const ANTHROPIC: readonly PassName[] = ['valid', 'root', 'object', 'names']
const OPENAI: readonly PassName[] = ['valid', 'root', 'object', 'items', 'properties']
const GOOGLE: readonly PassName[] = [
  ...(['valid', 'refs', 'root', 'object', 'items', 'text_enums', 'formats'] as const),
  ...(['conditions', 'about', 'closing', 'required'] as const),
]

/** Beside these two, a string has no format there (google-gemini/gemini-cli#2141). */
const GOOGLE_FORMATS = ['enum', 'date-time', 'int32', 'int64', 'float', 'double']

/** The names of tools are limited together with what clients put before them: `mcp__mcp-gw__` and `mcp-gw`. */
const BEFORE_CLAUDE = 13
const BEFORE_CURSOR = 6

export const KNOWN_CLIENTS: readonly ClientRecord[] = [
  {
    client: 'Claude Code',
    names: ['claude-code*'],
    facts: {
      nameMax: 128 - BEFORE_CLAUDE,
      passes: ANTHROPIC,
      resultTokensMax: 25_000,
      keepsLongResults: true,
      listChanges: 'obeyed',
      toolSearch: true,
      stayLoaded: 'anthropic/alwaysLoad',
      instructions: { server: 2_048, all: 2_048 },
    },
    sources: {
      nameMax: 'https://code.claude.com/docs/en/mcp: tools whose full name is longer than 128 characters are left out',
      passes: 'anthropics/claude-code#45106 (root), #79418 (names of parameters); anomalyco/opencode#2082 (draft 2020-12)',
      resultTokensMax: 'https://code.claude.com/docs/en/mcp: MAX_MCP_OUTPUT_TOKENS',
      keepsLongResults: 'https://code.claude.com/docs/en/mcp: results over 50,000 characters are kept in a file',
      listChanges: 'https://code.claude.com/docs/en/mcp: dynamic tool updates',
      toolSearch: 'https://code.claude.com/docs/en/mcp: tool search, on by default',
      stayLoaded: 'https://code.claude.com/docs/en/mcp: anthropic/alwaysLoad',
      instructions: 'anthropics/claude-code#43474; https://code.claude.com/docs/en/mcp: cut at 2 KB',
    },
  },
  {
    client: 'Claude Desktop',
    names: ['claude-ai*', 'claude-desktop*', 'claude desktop*'],
    facts: { nameMax: 64, descriptionMax: 1_024, passes: ['object'] },
    sources: {
      nameMax: 'https://docs.claude.com/en/api/messages: names of tools',
      descriptionMax: 'senoff/xlsx-for-ai v3.0.4: tools with longer descriptions are left out in silence',
      passes: 'anthropics/claude-code#45106: it mends schemas by itself',
    },
  },
  {
    client: 'Codex',
    names: ['codex-mcp-client*', 'codex*'],
    before: '0.21.0',
    facts: {
      passes: [...OPENAI, 'refs', 'booleans', 'all_of', 'one_of', 'choices', 'constants', 'typed', 'types'],
      instructions: { all: 512 },
    },
    sources: {
      passes: 'openai/codex#2204: types in lists and missing types fail; openai/codex#3152: $ref is not followed',
      instructions: 'https://developers.openai.com/codex/mcp: the first 512 characters',
    },
  },
  {
    client: 'Codex',
    names: ['codex-mcp-client*', 'codex*'],
    facts: {
      passes: [...OPENAI, 'refs', 'all_of', 'one_of', 'choices'],
      instructions: { all: 512 },
    },
    sources: {
      passes: 'openai/codex#42283 (root), #3152 ($ref), #13768 (anyOf); nnemirovsky/iwdp-mcp#4 (properties, items)',
      instructions: 'https://developers.openai.com/codex/mcp: the first 512 characters',
    },
  },
  {
    client: 'Cursor',
    names: ['cursor*'],
    facts: { nameMax: 59 - BEFORE_CURSOR, toolsMax: 80, passes: ['valid', 'root', 'object'], listChanges: 'obeyed' },
    sources: {
      nameMax: 'ComposioHQ/composio#2788: tools are left out from 60 characters on, the name of the server included',
      toolsMax: 'Snowflake-Labs/mcp#77: a warning above 80 tools',
      passes:
        'it hands schemas to the interfaces of Anthropic and OpenAI, which refuse such roots (anthropics/claude-code#45106)',
      listChanges: 'https://docs.cursor.com/context/mcp',
    },
  },
  {
    client: 'VS Code',
    names: ['visual studio code*', 'vscode*'],
    facts: { nameMax: 64, toolsMax: 128, passes: ['valid', 'refs', 'root', 'object', 'items'], listChanges: 'obeyed' },
    sources: {
      nameMax: 'microsoft/vscode#243602',
      toolsMax: 'https://code.visualstudio.com/docs/copilot/agents/agent-tools: 128 tools in a request',
      passes:
        'microsoft/vscode#246119 (items); firecrawl/firecrawl-mcp-server#107 ($dynamicRef); microsoft/vscode#244908 (valid)',
      listChanges: 'https://code.visualstudio.com/api/extension-guides/ai/mcp',
    },
  },
  {
    client: 'Visual Studio',
    names: ['visual studio', 'visual studio 20*', 'visualstudio*', 'visual-studio*'],
    facts: { nameMax: 64, passes: OPENAI, listChanges: 'resets' },
    sources: {
      nameMax: 'https://platform.openai.com/docs/api-reference: names of functions',
      passes: 'github/copilot-cli#2223, from the same service behind it',
      listChanges: 'https://learn.microsoft.com/visualstudio/ide/mcp-servers: permissions are reset when the tools change',
    },
  },
  {
    client: 'GitHub Copilot CLI',
    names: ['github-copilot-developer*', 'copilot-cli*', 'github-copilot-cli*'],
    facts: { nameMax: 64, passes: [...OPENAI, 'names'] },
    sources: {
      nameMax: 'https://platform.openai.com/docs/api-reference: names of functions',
      passes: 'github/copilot-cli#2223 (properties); the models of Anthropic behind it (anthropics/claude-code#45106)',
    },
  },
  {
    client: 'Devin Desktop and Windsurf',
    names: ['windsurf*', 'devin*'],
    facts: { toolsMax: 100, passes: ['valid', 'root', 'object'], listChanges: 'obeyed' },
    sources: {
      toolsMax: 'https://docs.windsurf.com/windsurf/cascade/mcp: 100 tools in all',
      passes:
        'it hands schemas to the interfaces of Anthropic and OpenAI, which refuse such roots (anthropics/claude-code#45106)',
      listChanges: 'https://docs.windsurf.com/windsurf/cascade/mcp',
    },
  },
  {
    client: 'Cline',
    names: ['cline*', 'roo-code*', 'kilo-code*'],
    facts: { passes: ['patterns', 'object'], listChanges: 'obeyed' },
    sources: {
      passes: 'Kilo-Org/kilocode#6755: llama.cpp refuses patterns that are not anchored',
      listChanges: 'https://docs.cline.bot/mcp',
    },
  },
  {
    client: 'opencode',
    names: ['opencode*', 'kilo*'],
    facts: { passes: [...ANTHROPIC, 'refs'], listChanges: 'obeyed' },
    sources: {
      passes: 'anomalyco/opencode#2082 (draft 2020-12), #12295 ($ref with Gemini)',
      listChanges: 'https://opencode.ai/docs/mcp-servers',
    },
  },
  {
    client: 'Zed',
    names: ['zed*'],
    facts: { passes: ['valid', 'refs', 'object', 'conditions'] },
    sources: {
      passes: 'zed-industries/zed#60162: tools with $ref or if are left out in silence',
    },
  },
  {
    client: 'Gemini CLI',
    names: ['gemini-cli*', 'mcp-test-client*'],
    facts: { descriptionMax: 1_024, passes: GOOGLE, formats: GOOGLE_FORMATS },
    sources: {
      descriptionMax: 'asbis/shapeitup v1.6.2: 1024 characters of a function',
      passes:
        'google-gemini/gemini-cli#13326 ($ref), #11393 (cycles), #2141 (formats), #8075; asbis/shapeitup v1.6.2 ($schema, propertyNames, additionalProperties)',
      formats: 'google-gemini/gemini-cli#2141',
    },
  },
  {
    client: 'Qwen Code',
    names: ['qwen-code*', 'qwen-cli*'],
    facts: { passes: OPENAI },
    sources: {
      passes: 'it speaks the interface of OpenAI (langchain-ai/langchainjs#9804)',
    },
  },
  {
    client: 'Antigravity',
    names: ['antigravity*'],
    facts: { toolsMax: 100, passes: GOOGLE, formats: GOOGLE_FORMATS },
    sources: {
      toolsMax: 'https://antigravity.google/docs/mcp',
      passes: 'the models of Google behind it (google-gemini/gemini-cli#13326)',
      formats: 'google-gemini/gemini-cli#2141',
    },
  },
  {
    client: 'Kimi Code',
    names: ['kimi*'],
    facts: { passes: [...OPENAI, 'refs', 'booleans', 'all_of', 'one_of', 'choices', 'constants', 'typed', 'types'] },
    sources: { passes: 'MoonshotAI/kimi-code#830: cycles, missing types, tuples, types beside anyOf' },
  },
  {
    client: 'LM Studio',
    names: ['lm-studio*', 'lmstudio*', 'lm studio*'],
    facts: { passes: ['valid', 'refs', 'object', 'patterns', 'items'] },
    sources: { passes: 'Kilo-Org/kilocode#6755: llama.cpp refuses patterns that are not anchored, and words it does not know' },
  },
  {
    client: 'JetBrains and Xcode with Copilot',
    names: ['jetbrains-*copilot*', 'xcode-copilot*', 'eclipse*copilot*'],
    facts: { nameMax: 64, passes: OPENAI },
    sources: {
      nameMax: 'https://platform.openai.com/docs/api-reference: names of functions',
      passes: 'github/copilot-cli#2223, from the same service behind it',
    },
  },
]
