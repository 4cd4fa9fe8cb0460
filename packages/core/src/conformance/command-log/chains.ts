// Chains: the commands of one correlation, from the request that began it to all that followed.
import assert from 'node:assert/strict'
import { checkLists, command, everyRecord, oneTo, tenant } from './given.ts'
import type { CommandLogCase } from './given.ts'

const group = 'chains'
const followed = (causationId: string, correlationId = 'first'): string =>
  JSON.stringify({ correlationId, causationId })

export const chainCases: readonly CommandLogCase[] = [
  {
    group,
    name: 'a correlation has the command that began it and all that carry it, refused ones too, with their events',
    run: async ({ log, record }) => {
      const event = { id: 'second.0', position: undefined }
      const kept = await record([
        command({ commandId: 'first' }),
        command({ commandId: 'stranger' }),
        command({ commandId: 'second', context: followed('first.0'), events: [event] }),
        command({ commandId: 'third', context: followed('second.0'), status: 'denied' }),
        command({ commandId: 'fourth', context: followed('second.0'), status: 'timed_out', payload: undefined }),
        command({ commandId: 'first', tenant: 'other' }),
        command({ commandId: 'unlike', context: followed('x', 'firs') }),
      ])
      const chain = { tenant, correlationId: 'first' }
      const oldest = await everyRecord(log, { ...chain, order: 'oldest' })
      assert.deepEqual(
        oldest.map(({ commandId }) => commandId),
        ['first', 'second', 'third', 'fourth'],
      )
      assert.deepEqual(await everyRecord(log, chain), oldest.toReversed())
      assert.deepEqual(
        oldest[1]?.events.map(({ id }) => id),
        ['second.0'],
      )
      assert.equal(await checkLists(log, kept, chain), 4)
      assert.equal(await checkLists(log, kept, { ...chain, statuses: ['denied', 'timed_out'] }), 2)
    },
  },
  {
    group,
    name: 'a long chain among many others is read in pages, each command once',
    run: async ({ log, record }) => {
      const kept = await record(
        oneTo(240).map((number) =>
          command({
            commandId: `chain-${number}`,
            context: followed(`chain-${number - 1}.0`, number % 2 === 0 ? 'even' : `odd-${number % 7}`),
          }),
        ),
      )
      assert.equal(await checkLists(log, kept, { correlationId: 'even' }, 50), 120)
      assert.ok((await checkLists(log, kept, { correlationId: 'odd-3' }, 50)) > 10)
    },
  },
  {
    group,
    name: 'an id of any characters names a chain',
    run: async ({ log, record }) => {
      const ids = ['a.b.c', '*', '>', 'a/b', '%', "it's", ' a', '鍵🔑', 'x'.repeat(512), 'A', 'a']
      const kept = await record(ids.map((id) => command({ context: JSON.stringify({ correlationId: id }) })))
      for (const [at, correlationId] of ids.entries())
        assert.deepEqual((await log.list({ correlationId })).items, kept.slice(at, at + 1))
    },
  },
]
