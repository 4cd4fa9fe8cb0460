import { describe, test } from 'node:test'
import { runOutboxStoreSuite } from '@gesta/core/conformance/outbox-store'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runOutboxStoreSuite(test, () => newPlace({ allowRewriting: true }), { durable: true, rewriting: true, shared: true })
})
