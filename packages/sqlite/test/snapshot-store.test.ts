import test from 'node:test'
import { placesOf, runSnapshotStoreSuite } from '@gesta/core/conformance/snapshot-store'
import { newPlace } from './place.ts'

runSnapshotStoreSuite(
  test,
  placesOf(newPlace, ({ snapshots }) => snapshots),
  { durable: true },
)
