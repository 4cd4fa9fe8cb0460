// A view that several workers build is, byte for byte, the one that a single reader builds; and without them it is built all the same.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { aggregate, command, createApp, domain } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { z } from 'zod'
import { Counted, counters, folded, plain, rowsIn } from './counters-model.ts'
import { newFolder } from './place.ts'

const count = command('Counter.Count', {
  input: z.object({ id: z.string(), by: z.int(), times: z.int() }),
})
const Counter = aggregate('Counter', () => ({ sum: 0 })).on(Counted, ({ sum }, { by }) => ({ sum: sum + by }))
const appOf = (model: typeof plain) =>
  createApp('counting', {
    domains: [
      domain('Counter', {
        permissions: 'anonymous',
        readModels: [model],
        handlers: [
          Counter.decide(count, 'id', (_, { by, times }) =>
            Array.from({ length: times }).map((_unused, at) => Counted({ by: by * at, note: `${by}·${at}` })),
          ),
        ],
      }),
    ],
  })
const app = appOf(counters)
const ids = 40
const eventsPer = 250

describe('a view built in parts', () => {
  let folder: Awaited<ReturnType<typeof newFolder>>
  before(async () => {
    folder = await newFolder()
    await using running = await app.start({ store: sqlite(`${folder.path}/count.db`), restoreWorkers: 0 })
    for (let id = 0; id < ids; id++) await running.dispatch(count({ id: `c-${id}`, by: id - 20, times: eventsPer }))
    await running.caughtUp()
  })
  after(() => folder[Symbol.asyncDispose]())

  test('is byte for byte the view that one reader builds', async () => {
    await using running = await app.start({ store: sqlite(`${folder.path}/count.db`), restoreWorkers: 3 })
    await running.caughtUp()
    folded.here = 0
    const control = running.readModels.control('Counter.Counters')
    const restoration = await control.restore({ fromZero: true })
    await restoration.done
    assert.ok(folded.here < (ids * eventsPer) / 2, `${folded.here} events were folded by the main thread`)
    const status = control.status()
    assert.equal(status.generation, restoration.generation)
    assert.equal(status.metrics.applied, ids * eventsPer)
    const verification = await running.readModels.verify('Counter.Counters')
    assert.deepEqual(verification.listed, [])
    assert.equal(verification.rows, ids)
    assert.equal(verification.position, ids * eventsPer)
  })

  const isRestored = async (model: typeof plain, store: Backend): Promise<void> => {
    await using running = await appOf(model).start({ store, restoreWorkers: 2 })
    await running.caughtUp()
    const { done } = await running.readModels.control(model.name).restore({ fromZero: true })
    await done
    const { listed, rows } = await running.readModels.verify(model.name)
    assert.deepEqual([listed, rows], [[], ids])
  }

  test('is built without workers when its module does not have the read model', { timeout: 120_000 }, async () => {
    const elsewhere = new URL('place.ts', import.meta.url).href
    await isRestored(rowsIn('Counter.Plain', elsewhere), sqlite(`${folder.path}/count.db`))
  })

  test('goes on without workers, when one of them ended while it had nothing to do', { timeout: 120_000 }, async () => {
    const workers: Worker[] = []
    let isEnded = false
    const note = (worker: Worker): void => {
      // The store has threads too.
      if (worker.threadName === 'builds Counter.Plain') workers.push(worker)
    }
    process.on('worker', note)
    const { backend, open } = sqlite(`${folder.path}/count.db`)
    const store: Backend = {
      backend,
      open: async (runtime) => {
        const opened = await open(runtime)
        const { readAll } = opened.events
        const events: typeof opened.events = {
          ...opened.events,
          readAll: async (read) => {
            const [first, second] = workers
            // The second is started when the first is there, and waits for what is being read.
            if (first !== undefined && second !== undefined && !isEnded) {
              isEnded = true
              await first.terminate()
            }
            return readAll(read)
          },
        }
        return { ...opened, events }
      },
    }
    try {
      await isRestored(plain, store)
    } finally {
      process.off('worker', note)
    }
    assert.ok(isEnded)
  })
})
