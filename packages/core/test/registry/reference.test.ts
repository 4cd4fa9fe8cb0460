// The reference page and the entry point say the same: every export has its row, and every proof that the page names exists.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as registry from '@gesta/core/registry'

const page = readFileSync(new URL('../../../../docs/reference/contracts.md', import.meta.url), 'utf8')
const rows = page.split('\n').filter((line) => line.startsWith('| '))

/** Paths on the page are short. */
function folderOf(path: string): string {
  if (path.startsWith('packages/')) return '../../../../'
  if (path.startsWith('conformance/')) return '../../src/'
  return path.includes('/') ? '../' : './'
}

test('every exported function has a row on the reference page', () => {
  const missing = Object.keys(registry).filter((name) => !rows.some((row) => row.includes(`\`${name}\``)))
  assert.deepEqual(missing, [])
})

test('every proof on the reference page is the title of a test', () => {
  const proofs = rows.flatMap((row) => [
    ...row.matchAll(/`([a-z/-]+\.test\.ts|conformance\/[a-z/-]+\.ts)`((?: "[^"]+")+)/g),
  ])
  assert.ok(proofs.length > 80)
  const missing = proofs.flatMap(([, path = '', titles = '']) => {
    const folder = folderOf(path)
    const text = readFileSync(new URL(`${folder}${path}`, import.meta.url), 'utf8')
    return [...titles.matchAll(/"([^"]+)"/g)].flatMap(([, title = '']) =>
      text.includes(`'${title}'`) ? [] : [`${path}: ${title}`],
    )
  })
  assert.deepEqual(missing, [])
})
