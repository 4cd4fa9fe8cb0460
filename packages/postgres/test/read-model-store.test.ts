import { describe, test } from 'node:test'
import { runReadModelStoreSuite } from '@gesta/core/conformance/read-model-store'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runReadModelStoreSuite(test, newPlace, { durable: true, sql: true })
})
