// A command log of its own keeps the promises of the port, in JSON with JSONB besides and in CBOR.
import { describe, test } from 'node:test'
import { cborRecords } from '@gesta/core/cbor'
import { runSuite } from '@gesta/core/conformance/command-log'
import { postgresCommandLog } from '../src/index.ts'
import { newSchema, runtime, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  for (const options of [{ jsonb: true }, { codec: cborRecords }])
    describe(JSON.stringify(Object.keys(options)), () => {
      const newPlace = async () => {
        const schema = await newSchema()
        return {
          open: () => postgresCommandLog({ ...schema, ...options }).open(runtime),
          remove: async () => undefined,
        }
      }
      runSuite(test, newPlace, { durable: true, shared: true })
    })
})
