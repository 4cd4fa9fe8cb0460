import test from 'node:test'
import { placesOf, runKeyStoreSuite } from '@gesta/core/conformance/key-store'
import { newPlace } from './place.ts'

runKeyStoreSuite(
  test,
  placesOf(newPlace, ({ keys }) => keys),
  { durable: true, shared: 'one process at a time has a store open' },
)
