/** The log: lines on stderr, readable on a terminal and JSON elsewhere, with every known secret blanked out. */
import { Writable } from 'node:stream'
import kleur from 'kleur'
import pino from 'pino'
import type { Redactor } from '../std/secret.ts'
import type { LogLevel } from './levels.ts'

export type Log = pino.Logger

export interface LogTarget {
  write(line: string): void
  /** Whether a person reads it. */
  terminal: boolean
}

export function createLog(level: LogLevel, redactor: Redactor, target: LogTarget): Log {
  const write = (line: string): void => target.write(redactor.scrub(target.terminal ? pretty(line) : line))
  const stream = new Writable({
    decodeStrings: false,
    write(line, _encoding, done) {
      write(String(line))
      done()
    },
  })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' }, stream)
}

const LEVELS: Record<number, string> = {
  10: kleur.gray('trace'),
  20: kleur.gray('debug'),
  30: kleur.green('info '),
  40: kleur.yellow('warn '),
  50: kleur.red('error'),
  60: kleur.red('fatal'),
}

/** `12:30:01 info  github is ready  tools=40`: the fields behind the message, in their order. */
function pretty(json: string): string {
  const { level, time, message, err, ...fields } = JSON.parse(json) as Record<string, unknown>
  const shown = Object.entries(fields).map(
    ([key, value]) => `${kleur.gray(`${key}=`)}${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const head = `${kleur.gray(String(time).slice(11, 19))} ${LEVELS[Number(level)] ?? level} ${message ?? ''}`
  const reason = err ? `\n  ${(err as Error).message}` : ''
  return `${[head, ...shown].join('  ')}${reason}\n`
}
