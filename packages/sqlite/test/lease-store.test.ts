import test from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { placesOf, runLeaseStoreSuite } from '@gesta/core/conformance/lease-store'
import { newPlace } from './place.ts'

const newLeasePlace = placesOf(newPlace, ({ leases }) => leases)

runLeaseStoreSuite(test, async () => ({ ...(await newLeasePlace()), pass: (ms) => setTimeout(ms) }), {
  durable: true,
  shared: 'one process at a time has a store open',
})
