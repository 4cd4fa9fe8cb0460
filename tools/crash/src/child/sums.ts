// The app that the writing process runs: one read model, so that views are there to be checked.
import { createApp, domain, event, readModel } from '@gesta/core'
import { z } from 'zod'
import { addedType, modelName, rowOf } from '../names.ts'

const Added = event(addedType, z.object({ amount: z.number(), text: z.string() }))

/** How many events, and their amounts together. */
const sums = readModel(modelName, (key) => ({ key, events: 0, sum: 0 })).on(
  Added,
  (_, { aggregate }) => rowOf(aggregate.id),
  (row, { amount }) => ({ ...row, events: row.events + 1, sum: row.sum + amount }),
)

export const app = createApp('crash', {
  domains: [domain('Crash', { permissions: 'anonymous', handlers: [], readModels: [sums] })],
})
