import assert from 'node:assert/strict'
import test from 'node:test'
import { isGestaError, memory, readOnly } from '@gesta/core'
import { runReadOnlySuite } from '../../src/conformance/read-only/index.ts'
import { runtime } from './runtime.ts'

const open = () => memory({ allowRewriting: true }).open(runtime)
runReadOnlySuite(test, async () => ({ open, remove: async () => undefined }))

test('a read-only backend is one from the moment it is opened, and closes what it opened', async () => {
  const given = await memory().open(runtime)
  const backend = readOnly({ backend: 'memory', open: async () => given })
  assert.equal(backend.backend, 'memory')
  const opened = await backend.open(runtime)
  assert.equal(opened.readOnly, true)
  await opened[Symbol.asyncDispose]()
  await assert.rejects(given.events.head(), (error) => isGestaError(error, 'store_closed'))
})
