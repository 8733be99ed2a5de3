/** Questions to a person, and when there is somebody to ask. */
import { Exit } from './exit.ts'

export interface AskFlags {
  yes?: boolean | undefined
  json?: boolean | undefined
}

/** Whether there is a person who can answer: without one, a prompt would wait for ever or take what is piped for an answer. */
export function interactive({ yes, json }: AskFlags): boolean {
  const { CI, TERM } = process.env
  const automated = CI !== undefined && !['', '0', 'false'].includes(CI)
  const terminal = [process.stdin, process.stdout, process.stderr].every(({ isTTY }) => isTTY === true)
  return terminal && !automated && TERM !== 'dumb' && !yes && !json
}

/** What commands ask. Every question ends the command with 130 where it is cancelled. */
export interface Questions {
  /** A text that is not shown while it is typed; empty where nothing is typed. */
  secret(message: string, options?: { required?: boolean }): Promise<string>
  text(message: string, options?: { placeholder?: string; required?: boolean }): Promise<string>
  confirm(message: string, initial: boolean): Promise<boolean>
  select<T extends string>(message: string, options: { value: T; label: string; hint?: string }[]): Promise<T>
}

/** The questions as a terminal shows them, on stderr, because stdout is for results. */
export async function questions(): Promise<Questions> {
  const clack = await import('@clack/prompts')
  const answered = <T>(answer: T): Exclude<T, symbol> => {
    if (typeof answer === 'symbol') throw new Exit(130, 'cancelled; nothing was changed')
    return answer as Exclude<T, symbol>
  }
  const output = process.stderr
  const typed =
    (required: boolean) =>
    (value: string | undefined): string | undefined =>
      required && !value?.trim() ? 'Please type something, or press Ctrl-C to leave everything as it is.' : undefined
  return {
    secret: async (message, { required = false } = {}) =>
      answered(await clack.password({ message, output, mask: '•', validate: typed(required) })) ?? '',
    text: async (message, { placeholder = '', required = false } = {}) =>
      answered(await clack.text({ message, output, placeholder, validate: typed(required) })) ?? '',
    confirm: async (message, initial) => answered(await clack.confirm({ message, output, initialValue: initial })),
    select: async (message, options) => answered(await clack.select({ message, output, options: options as never })) as never,
  }
}
