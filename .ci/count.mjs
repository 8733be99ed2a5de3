/** Prints `N passed, N failed` from the result file of vitest, and fails when there is none or no test passed. */
import { readFileSync } from 'node:fs'

const report = read(process.argv[2])
// A file that could not even be loaded has no tests to count, and must not look as if nothing had failed.
const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
const failed = report.numFailedTests + unloaded
const skipped = report.numPendingTests + report.numTodoTests
if (skipped > 0) console.log(`${skipped} skipped`)
console.log(`${report.numPassedTests} passed, ${failed} failed`)
process.exitCode = failed > 0 || report.numPassedTests === 0 ? 1 : 0

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    console.log('The tests did not run to their end.')
    return { testResults: [], numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
  }
}
