/** What the config may say about logs. */
import * as z from 'zod'
import { logLevels } from './levels.ts'

export const logOptions = z.strictObject({
  level: z.enum(logLevels).default('info').meta({ description: 'The least severe line that is written.' }),
})
