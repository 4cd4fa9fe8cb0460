import test from 'node:test'
import { placesOf, runCacheStoreSuite } from '@gesta/core/conformance/cache-store'
import { newPlace } from './place.ts'

runCacheStoreSuite(
  test,
  placesOf(newPlace, ({ cache }) => cache),
  { durable: true, shared: 'one process has a SQLite store open', endless: true },
)
