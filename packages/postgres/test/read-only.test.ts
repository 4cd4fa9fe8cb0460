import { describe, test } from 'node:test'
import { runReadOnlySuite } from '@gesta/core/conformance/read-only'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runReadOnlySuite(test, () => newPlace({ allowRewriting: true }))
})
