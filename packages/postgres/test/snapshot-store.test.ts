import { describe, test } from 'node:test'
import { placesOf, runSnapshotStoreSuite } from '@gesta/core/conformance/snapshot-store'
import { newPlace, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runSnapshotStoreSuite(
    test,
    placesOf(newPlace, ({ snapshots }) => snapshots),
    { durable: true },
  )
})
