import { describe, test } from 'node:test'
import { placesOf, runDataStoreSuite } from '@gesta/core/conformance/data-store'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runDataStoreSuite(
    test,
    placesOf(newPlace, ({ data }) => data),
    { durable: true, shared: true },
  )
})
