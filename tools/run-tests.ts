// `npm test`: all tests of the workspace in one run of Node's test runner, with one summary at the end.
// `npm test -- packages/core` runs the tests under a path; options (`--test-only`) go to the runner.
// Node alone passes when its patterns match nothing, so this refuses to run zero tests.

import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { testGlobs } from './test-globs.ts'
import { root } from './workspace.ts'

const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'))
const paths = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))

const files = globSync(testGlobs, { cwd: root })
  .filter((file) => paths.length === 0 || paths.some((path) => file.startsWith(path)))
  .toSorted()

if (files.length === 0) {
  console.error(`Expected tests in ${(paths.length > 0 ? paths : testGlobs).join(', ')}, found none.`)
  process.exit(1)
}
const { status } = spawnSync(process.execPath, ['--test', ...options, ...files], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
