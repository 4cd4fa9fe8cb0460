// Whatever is stored and whatever is asked: SQL finds what plain JavaScript finds in the whole log.
import test from 'node:test'
import * as fc from 'fast-check'
import { checkLists, drawnCommit, drawnFilter } from '@gesta/core/conformance/event-store'
import { newPlace, skip } from './place.ts'

const numbers = fc.array(fc.nat({ max: 10_000 }), { minLength: 24, maxLength: 24 })

test(
  'lists, counts and distinct values are those of the whole log, filtered in plain JavaScript',
  { skip },
  async () => {
    const place = await newPlace({ allowRewriting: true, durability: 'normal' })
    await using backend = await place.open()
    const { events } = backend
    await fc.assert(
      fc.asyncProperty(
        fc.array(numbers, { maxLength: 12 }),
        fc.array(numbers, { maxLength: 4 }),
        async (drawn, asked) => {
          await events.reset()
          for (const [at, given] of drawn.entries()) await events.commit(drawnCommit(given, at))
          for (const filter of asked) await checkLists(events, drawnFilter(filter), 2)
        },
      ),
      { numRuns: 40 },
    )
  },
)
