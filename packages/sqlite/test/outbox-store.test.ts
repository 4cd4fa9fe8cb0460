import { test } from 'node:test'
import { runOutboxStoreSuite } from '@gesta/core/conformance/outbox-store'
import { newPlace } from './place.ts'

runOutboxStoreSuite(test, () => newPlace({ allowRewriting: true }), {
  durable: true,
  rewriting: true,
  shared: 'one process has a SQLite store open',
})
