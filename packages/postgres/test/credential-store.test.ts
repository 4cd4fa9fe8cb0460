import { describe, test } from 'node:test'
import { placesOf, runCredentialStoreSuite } from '@gesta/core/conformance/credential-store'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runCredentialStoreSuite(
    test,
    placesOf(newPlace, ({ credentials }) => credentials),
    { durable: true, shared: true },
  )
})
