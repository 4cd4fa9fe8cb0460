// Each rule of the docs gate can fail: planted violations, and what the rule says about them.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Rule } from '../tidy/rule.ts'
import { claimsAreProven } from './claims.ts'
import { errorCodesAreDocumented } from './error-codes.ts'
import { examplesEqualTheirFiles, examplesOf, readmeShowsWhatItPrints } from './examples.ts'
import { linksResolve } from './links.ts'
import { differentOutputs } from './outputs.ts'
import { securityIsShown } from './security.ts'

function caught(title: string, rule: Rule, planted: Readonly<Record<string, string>>, ...messages: RegExp[]): void {
  test(title, () => {
    const violations = rule(Object.entries(planted).map(([path, text]) => ({ path, text })))
    assert.equal(violations.length, messages.length, violations.join('\n'))
    for (const [index, message] of messages.entries()) assert.match(violations[index] ?? '', message)
  })
}

const block = (language: string, ...lines: string[]): string => ['```' + language, ...lines, '```', ''].join('\n')

describe('links', () => {
  caught('a link to nothing', linksResolve, { 'README.md': 'See [a](docs/a.md).' }, /README\.md:1 links to docs\/a\.md/)
  caught('an anchor without heading', linksResolve, { 'docs/a.md': '# One\n[b](#two)' }, /docs\/a\.md:2 .*#two/)
  caught('links that resolve, and none in code', linksResolve, {
    'README.md':
      '[a](docs/a.md#one-thing--another), [docs](docs), [web](https://example.org) `[b](c)`\n' + block('md', '[b](c)'),
    'docs/a.md': '# One thing & *another*\n[up](../README.md)',
  })
})

describe('examples', () => {
  const shown = block('ts', '// example: docs/a.ts', 'a()')
  caught(
    'an example without file',
    examplesEqualTheirFiles,
    { 'docs/a.md': shown },
    /docs\/a\.ts, which does not exist/,
  )
  caught(
    'an example that differs',
    examplesEqualTheirFiles,
    { 'docs/a.md': shown, 'docs/a.ts': 'b()\n' },
    /differs from docs\/a\.ts/,
  )
  caught('an example that is the same', examplesEqualTheirFiles, { 'docs/a.md': shown, 'docs/a.ts': 'a()\n' })
  caught('a README without output', readmeShowsWhatItPrints, { 'README.md': shown }, /README\.md has no block/)

  test('another output than the docs show', (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'gesta-docs-'))
    context.after(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'a.ts'), "console.log('one')")
    const example = block('ts', '// example: a.ts', "console.log('one')")
    const outputs = (output: string): string[] =>
      differentOutputs(examplesOf([{ path: 'README.md', text: example + block('text', output) }]), folder)
    assert.match(outputs('two')[0] ?? '', /a\.ts prints something else/)
    assert.deepEqual(outputs('one'), [])
  })

  test('an example of the docs that fails', (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'gesta-docs-'))
    context.after(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'docs'))
    writeFileSync(join(folder, 'docs', 'a.ts'), "throw new Error('broken')")
    const text = block('ts', '// example: docs/a.ts', "throw new Error('broken')")
    assert.match(differentOutputs(examplesOf([{ path: 'docs/a.md', text }]), folder)[0] ?? '', /ended with 1/)
  })
})

describe('claims', () => {
  const claims = (proof: string): Record<string, string> => ({
    'docs/reference/claims.md': `| promise | proof |\n|---|---|\n| It works | ${proof} |`,
    'packages/core/test/a.test.ts': "test('works', () => {})",
  })
  caught('a page that is missing', claimsAreProven, {}, /is missing/)
  caught('a promise without proof', claimsAreProven, claims('trust us'), /nothing proves "It works"/)
  caught(
    'a proof that does not exist',
    claimsAreProven,
    claims('`packages/core/test/b.test.ts`'),
    /b\.test\.ts, which does not exist/,
  )
  caught(
    'a title that is not found',
    claimsAreProven,
    claims('`packages/core/test/a.test.ts` "flies"'),
    /"flies", which/,
  )
  caught(
    'a title that is not found in the first of two files',
    claimsAreProven,
    claims('`packages/core/test/a.test.ts` "flies" `packages/core/test/a.test.ts` "works"'),
    /"flies", which/,
  )
  caught('a proof that holds', claimsAreProven, claims('`packages/core/test/a.test.ts` "works"'))
  const twice = '`packages/core/test/a.test.ts` "works"'
  caught('a proof in two files that holds', claimsAreProven, claims(`${twice} ${twice}`))
})

describe('security', () => {
  const security = (...rows: string[]): Record<string, string> => ({
    'docs/reference/security.md': ['| number | level | asked | state | why |', '|---|---|---|---|---|', ...rows].join(
      '\n',
    ),
    'packages/core/test/a.test.ts': "test('works', () => {})",
  })
  const proof = '`packages/core/test/a.test.ts` "works"'
  caught('a state that is none', securityIsShown, security(`| 1.2.3 | 1 | a | fine | ${proof} |`), /found "fine"/)
  caught(
    'what is met without a proof',
    securityIsShown,
    security('| 1.2.3 | 1 | a | met | trust us |'),
    /nothing shows/,
  )
  caught('what is not met without a reason', securityIsShown, security('| 1.2.3 | 1 | a | not met | |'), /why not/)
  caught(
    'a test that has no such title',
    securityIsShown,
    security('| 1.2.3 | 1 | a | partly | `packages/core/test/a.test.ts` "flies" |'),
    /1\.2\.3 is shown by "flies", which/,
  )
  const row = `| 1.2.3 | 1 | a | met | ${proof} |`
  caught('a requirement that stands there twice', securityIsShown, security(row, row), /twice/)
  caught('what is shown, and what is not and says why', securityIsShown, security(row, '| 1.2.4 | 1 | a | yours | b |'))
})

describe('error codes', () => {
  const codes = (...documented: string[]): Record<string, string> => ({
    'packages/core/src/errors/codes.ts': "export const codes = { conflict: 'lost', diverged: 'elsewhere' } as const",
    'docs/reference/errors.md': documented.map((code) => `| \`${code}\` | meaning |`).join('\n'),
  })
  caught('a code that is not documented', errorCodesAreDocumented, codes('conflict'), /does not list diverged/)
  caught(
    'a documented code that does not exist',
    errorCodesAreDocumented,
    codes('conflict', 'diverged', 'gone'),
    /lists gone/,
  )
  caught('the same codes', errorCodesAreDocumented, codes('conflict', 'diverged'))
})
