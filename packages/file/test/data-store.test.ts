import { describe, test } from 'node:test'
import fc from 'fast-check'
import { dataSteps, playDataSteps, runDataStoreSuite } from '@gesta/core/conformance/data-store'
import { newPlace } from './place.ts'

runDataStoreSuite(test, newPlace, { durable: true, shared: true })

describe('a folder of objects', () => {
  test('holds what a map would hold, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 15 }), async (numbers) => {
        const place = await newPlace()
        const store = await place.open()
        try {
          await playDataSteps(store, dataSteps(numbers))
        } finally {
          await store[Symbol.asyncDispose]()
          await place.remove()
        }
      }),
      { numRuns: 15 },
    )
  })
})
