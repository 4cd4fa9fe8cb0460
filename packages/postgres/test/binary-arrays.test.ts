import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { Client } from 'pg'
import { bigintArray, bytesArray, textArray } from '../src/binary-arrays.ts'
import { databaseUrl, skip } from './place.ts'

const text = fc.string({ unit: 'binary' }).filter((given) => given.isWellFormed() && !given.includes('\0'))
const whole = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 2 ** 32, -(2 ** 32), 2 ** 31, 2 ** 53 - 1))

test(
  'the server reads lists of texts, numbers and bytes as they are, with nulls, of any length',
  { skip },
  async () => {
    const client = new Client({ connectionString: await databaseUrl() })
    await client.connect()
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.option(text, { nil: undefined })),
          fc.array(fc.option(whole, { nil: undefined })),
          fc.array(fc.uint8Array()),
          async (texts, numbers, bytes) => {
            const { rows } = await client.query<{
              texts: (string | null)[]
              numbers: (string | null)[]
              bytes: Buffer[]
            }>('SELECT $1::text[] AS texts, $2::bigint[] AS numbers, $3::bytea[] AS bytes', [
              textArray(texts),
              bigintArray(numbers),
              bytesArray(bytes),
            ])
            assert.deepEqual(
              rows[0]?.texts,
              texts.map((given) => given ?? null),
            )
            assert.deepEqual(
              rows[0]?.numbers.map((given) => (given === null ? null : Number(given))),
              // There is one zero.
              numbers.map((given) => (given === undefined ? null : given + 0)),
            )
            assert.deepEqual(
              rows[0]?.bytes.map((given) => [...given]),
              bytes.map((given) => [...given]),
            )
          },
        ),
        { numRuns: 200 },
      )
    } finally {
      await client.end()
    }
  },
)
