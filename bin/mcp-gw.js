#!/usr/bin/env node
const { join } = require('node:path')

const dist = join(__dirname, '..', 'dist', 'cli')
const [, , command, ...rest] = process.argv
const program = rest.includes('--help') || rest.includes('-h') ? 'help' : command
// The bridge starts without the rest of the command line: there is one for each client, and it is to stay small.
if (program === 'connect') require(join(dist, 'connect.cjs'))
// The gateway starts from code that was compiled before: clients wait for it.
else if (program === 'serve') enter(require(join(dist, 'compiled.cjs')).run(join(dist, 'serve.cjs')).exports)
else if (program === '--version' || program === '-V') console.log(require('../package.json').version)
else commandLine()

function enter(door) {
  if (!door.enter(rest)) commandLine()
}

function commandLine() {
  void import('../dist/cli/main.js')
}
