#!/usr/bin/env node
const { enableCompileCache } = require('node:module')

enableCompileCache?.()
const [, , command, ...rest] = process.argv
const asksForHelp = rest.includes('--help') || rest.includes('-h')
// The bridge starts without the rest of the command line: there is one for each client, and it is to stay small.
if (command === 'connect' && !asksForHelp) require('../dist/cli/connect.cjs')
else void import('../dist/cli/main.js')
