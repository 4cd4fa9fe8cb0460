import test from 'node:test'
import { runContentionSuite } from '@gesta/core/conformance/event-store-contention'
import { newContentionPlace } from './contention-place.ts'

runContentionSuite(
  test,
  newContentionPlace,
  {
    durable: true,
    manyWriters: 'one process has the file open for writing; a second one gets store_locked',
    otherReaders: true,
    heldOrder: true,
    openWriter: 'a write transaction on a file is what holds the order, and a reader of an app does not wait for it',
    openWriterElsewhere: 'there is no server: another database is another file',
    oldReader: true,
    groups: true,
  },
  { effort: Number(process.env['GESTA_TEST_EFFORT'] ?? 1) },
)
