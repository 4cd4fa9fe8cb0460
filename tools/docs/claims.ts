// docs/reference/claims.md: a table of what is promised and what proves it. A proof is a path in backticks, and after it
// the titles of tests in double quotes: `packages/core/test/a.test.ts` "fails when the stream exists".

import type { File } from '../workspace.ts'
import type { Rule } from '../tidy/rule.ts'
import { tableRowsOf } from './markdown.ts'

const claims = 'docs/reference/claims.md'

export const claimsAreProven: Rule = (files) => {
  const page = files.find(({ path }) => path === claims)
  if (!page) return [`${claims} is missing.`]
  const rows = tableRowsOf(page.text)
  if (rows.length === 0) return [`${claims} has no table of promises.`]
  return rows.flatMap(([promise = '', proof = '']) => {
    const parts = [...proof.matchAll(/`[^`]+`[^`]*/g)].map(([part]) => part)
    if (parts.length === 0) return [`${claims}: nothing proves "${promise}". Name a path in backticks.`]
    return parts.flatMap((part) => missing(part, files)).map((what) => `${claims}: "${promise}" is proven by ${what}.`)
  })
}

function missing(part: string, files: readonly File[]): string[] {
  const path = /^`([^`]+)`/.exec(part)?.[1] ?? ''
  const file = files.find((candidate) => candidate.path === path)
  if (!file) return [`${path}, which does not exist`]
  const titles = [...part.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '')
  return titles
    .filter((title) => !file.text.includes(title))
    .map((title) => `"${title}", which ${path} does not contain`)
}
