import test from 'node:test'
import { placesOf, runDataStoreSuite } from '@gesta/core/conformance/data-store'
import { newPlace } from './place.ts'

runDataStoreSuite(
  test,
  placesOf(newPlace, ({ data }) => data),
  { durable: true, shared: 'one process has a SQLite store open' },
)
