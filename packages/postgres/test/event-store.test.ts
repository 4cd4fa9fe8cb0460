import { describe, test } from 'node:test'
import { runEventStoreSuite } from '@gesta/core/conformance/event-store'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runEventStoreSuite(test, () => newPlace({ allowRewriting: true }), { durable: true, rewriting: true })
})
