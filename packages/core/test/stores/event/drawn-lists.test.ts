// Whatever is stored and whatever is asked: a list is a filter over the whole log.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { checkLists, drawnCommit, drawnFilter } from '../../../src/conformance/event-store/index.ts'
import { memory } from '../../../src/stores/memory-backend.ts'
import { runtime } from '../runtime.ts'

const numbers = fc.array(fc.nat({ max: 10_000 }), { minLength: 24, maxLength: 24 })

test('lists, counts and distinct values are those of the whole log, filtered in plain JavaScript', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(numbers, { maxLength: 12 }),
      fc.array(numbers, { maxLength: 4 }),
      async (drawn, asked) => {
        await using backend = await memory().open(runtime)
        for (const [at, given] of drawn.entries()) await backend.events.commit(drawnCommit(given, at))
        for (const filter of asked) await checkLists(backend.events, drawnFilter(filter), 2)
      },
    ),
    { numRuns: 150 },
  )
})

test('a list of one tenant holds no byte of another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(numbers, { minLength: 1, maxLength: 10 }), numbers, async (drawn, asked) => {
      await using backend = await memory().open(runtime)
      const { events, commandLog } = backend
      for (const [at, given] of drawn.entries()) {
        const mine = drawnCommit(given, at)
        const theirs = JSON.parse(
          JSON.stringify({ ...mine, tenant: 'theirs' }).replaceAll('"data":"', '"data":"9'),
        ) as typeof mine
        await events.commit({ ...mine, tenant: 'mine' })
        await events.commit({ ...theirs, commandId: `theirs-${at}`, idempotency: undefined })
      }
      const filter = { ...drawnFilter(asked), tenant: 'mine' }
      const { items } = await events.list(filter, { limit: 1000 })
      assert.ok(
        items.every(
          ({ tenant, data, commandId }) =>
            tenant === 'mine' && !data.startsWith('9') && !commandId.startsWith('theirs'),
        ),
      )
      assert.equal(await events.total(filter), items.length)
      const commands = await commandLog.list({ tenant: 'mine' }, { limit: 1000, withTotal: true })
      assert.equal(commands.total, drawn.length)
      assert.ok(!JSON.stringify(commands).includes('theirs'))
      assert.deepEqual(await events.uniqueValues('tenant', filter), items.length === 0 ? [] : ['mine'])
    }),
  )
})
