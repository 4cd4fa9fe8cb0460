// Single headers, what the store says of itself, and what becomes of the log when its backend is opened again or emptied.
import assert from 'node:assert/strict'
import { commit, stored } from '../event-store/given.ts'
import { checkCommands, storeCommands } from './given.ts'
import type { CommandLogCase } from './given.ts'

const group = 'headers'
export const headerCases: readonly CommandLogCase[] = [
  {
    group,
    name: 'a header is found by tenant and command id with every field; a missing one is absent',
    run: async ({ log, events }) => {
      const headers = await storeCommands(events)
      for (const header of headers) {
        assert.deepEqual(await log.get(header.tenant, header.commandId), header)
        assert.equal(await log.get('other', header.commandId), undefined)
      }
      assert.equal(await log.get('left', 'missing'), undefined)
    },
  },
  {
    group,
    name: 'a repetition adds nothing, and a refused commit leaves nothing',
    run: async ({ log, events }) => {
      const given = commit()
      await stored(events, given)
      assert.equal((await events.commit(given)).verdict, 'duplicate')
      const reads = [{ aggregateType: 'Order', aggregateId: 'a', version: 3 }]
      assert.equal((await events.commit(commit({ reads }))).verdict, 'conflict')
      assert.equal(await log.total(), 1)
    },
  },
  {
    group,
    name: 'the store tells its port and how many commands it holds',
    run: async ({ log, events }) => {
      await stored(events, commit({ context: '{"identity":"hidden-text"}' }))
      const info = await log.info()
      assert.deepEqual([info.store, info.items, info.readOnly], ['command-log', 1, false])
      assert.ok(!JSON.stringify(info).includes('hidden-text'))
    },
  },
  {
    group,
    needs: 'durable',
    name: 'everything is found again after the backend was opened again',
    run: async ({ events, reopen }) => {
      const headers = await storeCommands(events)
      const log = await reopen()
      await checkCommands(log, headers, { correlationId: 'command-a5' })
      await checkCommands(log, headers, {}, 10)
    },
  },
  {
    group,
    needs: 'rewriting',
    name: 'emptying the event store empties the log, except for commands with audit entries',
    run: async ({ log, events }) => {
      const context = '{"correlationId":"c"}'
      await stored(events, commit({ context }))
      await stored(events, commit({ commandId: 'kept', context, audit: [{ action: 'a', data: '1' }] }))
      await events.reset()
      const { items } = await log.list({ correlationId: 'c' })
      assert.deepEqual(
        items.map(({ commandId, commitNo }) => [commandId, commitNo]),
        [['kept', 1]],
      )
      assert.equal((await log.info()).items, 1)
    },
  },
]
