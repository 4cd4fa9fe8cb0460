import { describe, test } from 'node:test'
import { placesOf, runKeyStoreSuite } from '@gesta/core/conformance/key-store'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runKeyStoreSuite(
    test,
    placesOf(newPlace, ({ keys }) => keys),
    { durable: true, shared: true },
  )
})
