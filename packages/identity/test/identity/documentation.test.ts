// The reference and the contracts say the same: routes, rejections, and every contract somewhere.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createIdentity } from '../../src/index.ts'

const page = readFileSync(new URL('../../../../docs/reference/identity.md', import.meta.url), 'utf8')
const { routes, domains } = createIdentity({ url: 'https://shop.example' })
const contracts = domains
  .flatMap((domain): readonly { readonly type: string; readonly rejections?: object }[] => domain.contracts)
  .map(({ type, rejections = {} }) => ({ type, codes: Object.keys(rejections) }))

function section(heading: string): readonly (readonly string[])[] {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = text.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, cell = '']) => cell))
}

test('the routes of the reference are those of the identity', () => {
  const shown = section('Routes').map(([route, type]) => `${route} ${type}`)
  const known = routes.routes.map(({ method, path, type }) => `${method} ${path} ${type}`)
  assert.deepEqual(shown.toSorted(), known.toSorted())
})

test('the rejections of the reference are those of the contracts', () => {
  const shown = section('Rejections').flatMap(([code, ...types]) => types.map((type) => `${type} ${code}`))
  const known = contracts.flatMap(({ type, codes }) => codes.map((code) => `${type} ${code}`))
  assert.deepEqual(shown.toSorted(), known.toSorted())
})

test('no two routes answer the same requests', () => {
  const shapes = routes.routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`)
  assert.equal(new Set(shapes).size, shapes.length)
})
