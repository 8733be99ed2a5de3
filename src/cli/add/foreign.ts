/** Recognises the add command of another program among the words that somebody has pasted. */
import type { Grammar } from './grammar.ts'
import { FOREIGN } from './grammars.ts'
import { OWN } from './own.ts'

/** Packages by the program that they bring. */
const PROGRAMS: Readonly<Record<string, string>> = {
  '@anthropic-ai/claude-code': 'claude',
  '@openai/codex': 'codex',
  '@google/gemini-cli': 'gemini',
  '@qwen-code/qwen-code': 'qwen',
  '@github/copilot': 'copilot',
  'opencode-ai': 'opencode',
  '@sourcegraph/amp': 'amp',
  '@augmentcode/auggie': 'auggie',
  'mcp-gw': 'mcp-gw',
}
/** What starts a package without installing it. */
const LAUNCHERS = [['npx', '-y'], ['npx', '--yes'], ['npx'], ['bunx'], ['pnpm', 'dlx'], ['yarn', 'dlx'], ['pnpx']]

/** The grammar of a command that somebody has pasted, and the words behind its name; undefined where it is none that we know. */
export function foreignCommand(pasted: readonly string[]): { grammar: Grammar; words: string[] } | undefined {
  const words = withoutLauncher(pasted[0] === '$' ? pasted.slice(1) : pasted)
  const known = [...FOREIGN, { ...OWN, starts: ['mcp-gw add'] }].flatMap((grammar) =>
    grammar.starts.map((start) => ({ grammar, start: start.split(' ') })),
  )
  const found = known.find(({ start }) => start.every((word, i) => words[i]?.toLowerCase() === word))
  return found && { grammar: found.grammar, words: words.slice(found.start.length) }
}

function withoutLauncher(words: readonly string[]): string[] {
  const launcher = LAUNCHERS.find((launcher) => launcher.every((word, i) => words[i] === word))
  const rest = words.slice(launcher?.length ?? 0)
  const name = (rest[0] ?? '').replace(/(.)@[^@/]*$/, '$1')
  const program = Object.hasOwn(PROGRAMS, name) ? (PROGRAMS[name] as string) : name
  // Without a launcher, a program may be named by its path.
  return [launcher ? program : (program.split(/[\\/]/).at(-1) ?? ''), ...rest.slice(1)]
}
