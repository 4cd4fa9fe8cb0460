'use strict'
// Runs first in every entry script, on whichever Node the machine has: so this file keeps to syntax that
// Node 12 parses. On platforms with a pinned binary (optionalDependencies) npm scripts never see an old Node.

var required = require('../package.json').engines.node.replace('>=', '')
var wanted = required.split('.').map(Number)
var running = process.versions.node.split('.').map(Number)

if (running[0] < wanted[0] || (running[0] === wanted[0] && running[1] < wanted[1])) {
  console.error(
    'gesta needs Node ' +
      required +
      ' or newer and this is Node ' +
      process.versions.node +
      ' (no pinned Node is installed for ' +
      process.platform +
      ' ' +
      process.arch +
      '): install Node ' +
      required +
      ' or newer, put it first on the PATH and run this command again.',
  )
  process.exit(1)
}
