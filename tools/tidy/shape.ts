// How files look from outside: their size, their names, where tests lie.

import { matchesGlob } from 'node:path'
import { testGlobs } from '../test-globs.ts'
import type { Rule } from './rule.ts'
import { isTypeScript } from './syntax.ts'

const linesMax = 400
const emptyNames = ['utils', 'util', 'common', 'helpers', 'helper', 'misc']
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/
const named = /^(?:packages|examples|benchmarks|tools|docs)\/.*\.(?:ts|sql)$/

export const filesAreShort: Rule = (files) =>
  files
    .filter(isTypeScript)
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > linesMax)
    .map(({ path, lines }) => `${path} has ${lines} lines, at most ${linesMax} are allowed. Split it by phase.`)

export const namesSayWhatIsInside: Rule = (files) =>
  files
    .filter(({ path }) => path.split(/[/.-]/).some((word) => emptyNames.includes(word)))
    .map(({ path }) => `${path} has a name that says nothing. Name the idea.`)

export const namesAreKebabCase: Rule = (files) =>
  files
    .filter(({ path }) => named.test(path) && !path.split('/').every((segment) => kebabCase.test(segment)))
    .map(({ path }) => `${path} is not named in kebab-case.`)

export const sourcesContainNoTests: Rule = (files) =>
  files
    .filter(({ path }) => /\/src\/(?:.*\/)?(?:tests?|__tests__)\/|\/src\/.*\.(?:test|spec)\.ts$/.test(path))
    .map(({ path }) => `${path}: src shows the architecture alone. Tests mirror it in test/.`)

/** `npm test` finds tests by path; one that lies elsewhere would silently never run. */
export const testsAreFound: Rule = (files) =>
  files
    .filter(({ path }) => path.endsWith('.test.ts') && !testGlobs.some((glob) => matchesGlob(path, glob)))
    .map(({ path }) => `${path} is not run by npm test. See tools/test-globs.ts.`)

export const packagesHaveTests: Rule = (files) => {
  const packages = new Set(files.map(({ path }) => /^packages\/[^/]+(?=\/src\/)/.exec(path)?.[0]))
  return [...packages]
    .filter(
      (name) =>
        name !== undefined && !files.some(({ path }) => path.startsWith(`${name}/test/`) && path.endsWith('.test.ts')),
    )
    .map((name) => `${name} has no test.`)
}
