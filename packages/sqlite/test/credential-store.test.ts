import test from 'node:test'
import { placesOf, runCredentialStoreSuite } from '@gesta/core/conformance/credential-store'
import { newPlace } from './place.ts'

runCredentialStoreSuite(
  test,
  placesOf(newPlace, ({ credentials }) => credentials),
  { durable: true, shared: 'one process at a time has a store open' },
)
