import assert from 'node:assert/strict'
import test from 'node:test'
import { newSchema, skip } from './place.ts'

test('tests that ask for a schema at once each get their own', { skip }, async () => {
  const schemas = await Promise.all([newSchema(), newSchema(), newSchema()])
  assert.equal(new Set(schemas.map(({ schema }) => schema)).size, 3)
})
