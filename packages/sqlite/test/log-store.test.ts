import test from 'node:test'
import { placesOf, runLogStoreSuite } from '@gesta/core/conformance/log-store'
import { newPlace } from './place.ts'

runLogStoreSuite(
  test,
  placesOf(newPlace, ({ log }) => log),
  { durable: true, shared: 'one process has a SQLite store open' },
)
