/** What the config may say about logs. */
import * as z from 'zod'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

export const logOptions = z.strictObject({
  level: z.enum(logLevels).default('info').meta({ description: 'The least severe line that is written.' }),
})

export type LogLevel = (typeof logLevels)[number]
