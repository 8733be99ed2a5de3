/** Loaded before any schema is made: what parses once, as a config does, is not worth the code that zod would compile for it. */
import { config } from 'zod'

config({ jitless: true })
