import { describe, test } from 'node:test'
import { placesOf, runCacheStoreSuite } from '@gesta/core/conformance/cache-store'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runCacheStoreSuite(
    test,
    placesOf(newPlace, ({ cache }) => cache),
    { durable: true, shared: true, endless: true },
  )
})
