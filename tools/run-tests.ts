// `npm test`: all tests of the workspace in one run of Node's test runner, with one summary at the end.
// `npm test -- packages/core` runs the tests under a path; options (`--test-only`) go to the runner.
// Node alone passes when its patterns match nothing, so this refuses to run zero tests. Servers that tests need are found
// or started before, and what ran on which of them is said at the end: docs/reference/testing.md.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inCi } from './services/src/run/access.ts'
import { openTestRun } from './services/src/run/test-run.ts'
import { testGlobs } from './test-globs.ts'
import { root } from './workspace.ts'

const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'))
const paths = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))

const files = globSync(testGlobs, { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => paths.length === 0 || paths.some((path) => file.startsWith(path)))
  .toSorted()

if (files.length === 0) {
  console.error(`Expected tests in ${(paths.length > 0 ? paths : testGlobs).join(', ')}, found none.`)
  process.exit(1)
}

await using run = await openTestRun(files, root)
// The run has a reporter of its own, so the one that people read has to be named, and where it writes.
const isGiven = (name: string): boolean => options.some((option) => option.startsWith(`${name}=`))
const reporter = isGiven('--test-reporter') ? [] : ['--test-reporter=spec']
const destination = isGiven('--test-reporter-destination') ? [] : ['--test-reporter-destination=stdout']
const limit = `--import=${pathToFileURL(join(root, 'tools/file-limit.ts')).href}`
const runner = spawn(
  process.execPath,
  ['--test', limit, ...run.options, ...reporter, ...destination, ...options, ...files],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...run.environment },
  },
)
// Whoever ends this ends the tests, and then what they ran on is tidied up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => runner.kill(signal))
const [status] = (await once(runner, 'exit')) as [number | null]

const { lines, missing, notRun } = run.report()
for (const line of [...lines, ...notRun]) console.log(line)
for (const reason of missing) console.error(`\n${reason}`)
process.exitCode = status ?? 1
if (missing.length > 0 && inCi()) process.exitCode = 1
