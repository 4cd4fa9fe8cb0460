import test from 'node:test'
import { runContentionSuite } from '@gesta/core/conformance/event-store-contention'
import { newContentionPlace } from './contention-place.ts'
import { skip } from './place.ts'

const declared = skip === false ? true : skip

runContentionSuite(
  (name, options, run) => test(name, { skip: options.skip === false ? skip : options.skip }, run),
  newContentionPlace,
  {
    durable: declared,
    manyWriters: declared,
    otherReaders: declared,
    heldOrder: declared,
    openWriter: declared,
    openWriterElsewhere: declared,
    oldReader: declared,
    groups: declared,
  },
  { effort: Number(process.env['GESTA_TEST_EFFORT'] ?? 1) },
)
