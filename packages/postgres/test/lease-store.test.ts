import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { placesOf, runLeaseStoreSuite } from '@gesta/core/conformance/lease-store'
import { newPlace, skip } from './place.ts'

const newLeasePlace = placesOf(newPlace, ({ leases }) => leases)

describe('on PostgreSQL', { skip }, () => {
  runLeaseStoreSuite(test, async () => ({ ...(await newLeasePlace()), pass: (ms) => setTimeout(ms) }), {
    durable: true,
    shared: true,
  })
})
