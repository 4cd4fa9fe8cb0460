// Read models that workers can load: their rows, and a table of one's own, are counted per key.
import { event, readModel } from '@gesta/core'
import type { ReadModelOptions } from '@gesta/core'
import { z } from 'zod'

export const Counted = event('Counter.Counted', z.object({ by: z.int(), note: z.string() }))

/** Events that were folded in this thread. */
export const folded = { here: 0 }

/** A read model that is said to be exported by a module. */
export const rowsIn = (name: string, module: string, options: ReadModelOptions = {}) =>
  readModel(name, (key) => ({ key, sum: 0, notes: [] as string[] }), {
    partitionBy: ({ aggregate }) => aggregate.id,
    module,
    ...options,
  }).on(
    Counted,
    (_, { aggregate }) => aggregate.id,
    (row, { by, note }) => {
      folded.here++
      return { ...row, sum: row.sum + by, notes: [...row.notes, note].slice(-3) }
    },
  )

export const plain = rowsIn('Counter.Plain', import.meta.url)

export const counters = rowsIn('Counter.Counters', import.meta.url, {
  tables: {
    names: ['largest'],
    create: (table) => [
      `CREATE TABLE ${table('largest')} (id TEXT PRIMARY KEY, by_most INTEGER NOT NULL, times INTEGER NOT NULL)`,
    ],
  },
}).write(Counted, ({ run, table }, { by }, { aggregate }) =>
  run(
    `INSERT INTO ${table('largest')} VALUES ($1, $2, 1)
     ON CONFLICT (id) DO UPDATE SET by_most = max(by_most, $2), times = times + 1`,
    [aggregate.id, by],
  ),
)
