'use strict'
// Runs after `npm install`, on whichever Node the machine has, so it keeps to syntax that Node 12 parses.
// The pinned Node comes in one package per platform, all with the binary "node". npm 10 and older link the one that fits,
// then remove that link together with the packages that do not fit. `npm rebuild` links it again.

var execSync = require('child_process').execSync
var existsSync = require('fs').existsSync
var join = require('path').join

var modules = join(__dirname, '..', 'node_modules')
var pinned = Object.keys(require('../package.json').optionalDependencies).some(function (name) {
  return existsSync(join(modules, name, 'bin'))
})
var linked = existsSync(join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node'))

if (pinned && !linked) execSync('npm rebuild --ignore-scripts', { stdio: 'inherit' })
