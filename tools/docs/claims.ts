// docs/reference/claims.md, and pages of demands: tables of what is promised and, in the last column, what proves it. A proof is a path in backticks, and after it
// the titles of tests in double quotes: `packages/core/test/a.test.ts` "fails when the stream exists".

import type { File } from '../workspace.ts'
import type { Rule } from '../tidy/rule.ts'
import { tableRowsOf } from './markdown.ts'

const claims = 'docs/reference/claims.md'

/** Pages of the same kind: what somebody demands, or what happens step by step, and what proves it. */
const demands = /^docs\/reference\/(demands-[a-z-]+|scenarios)\.md$/

export const claimsAreProven: Rule = (files) => {
  if (!files.some(({ path }) => path === claims)) return [`${claims} is missing.`]
  return files.filter(({ path }) => path === claims || demands.test(path)).flatMap((page) => unproven(page, files))
}

function unproven({ path, text }: File, files: readonly File[]): string[] {
  const rows = tableRowsOf(text)
  if (rows.length === 0) return [`${path} has no table of promises.`]
  return rows.flatMap((row) => {
    const promise = row[0] ?? ''
    const proof = row.at(-1) ?? ''
    if (!proof.includes('`')) return [`${path}: nothing proves "${promise}". Name a path in backticks.`]
    return missingProofs(proof, files).map((what) => `${path}: "${promise}" is proven by ${what}.`)
  })
}

/** What a cell names as proof and nobody finds. */
export function missingProofs(cell: string, files: readonly File[]): string[] {
  return [...cell.matchAll(/`[^`]+`[^`]*/g)].flatMap(([part]) => missing(part, files))
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
