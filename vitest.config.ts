/** How vitest finds and runs the tests. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/conformance/**'],
    // End-to-end tests start real processes; more workers than this only make each of them slower on a small machine.
    pool: 'forks',
    maxWorkers: 2,
    // Real processes on a shared machine: one that had no turn for seconds gets a second chance, and the report says so.
    retry: process.env.CI ? 2 : 0,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 5_000,
  },
})
