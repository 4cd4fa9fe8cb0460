// Crowds: many commands at once, and lists that are read while others write.
import assert from 'node:assert/strict'
import type { CommandLog } from '../../stores/command-log/command-log.ts'
import { command, everyRecord, oneTo, plainList, variedRecords } from './given.ts'
import type { CommandLogCase } from './given.ts'

const group = 'crowds'
export const crowdCases: readonly CommandLogCase[] = [
  {
    group,
    name: 'of hundreds of commands that are recorded at once none is lost and none is there twice',
    run: async ({ log, record }) => {
      const given = oneTo(300).map((number) => command({ tenant: `tenant-${number % 3}`, payload: `${number}` }))
      const kept = (await Promise.all(given.map((each) => record([each])))).flat()
      const listed = await everyRecord(log, {}, { limit: 70 })
      const inOrder = (records: typeof listed) =>
        records.toSorted((a, b) => a.recordedAt - b.recordedAt || Number(a.commandId > b.commandId))
      assert.deepEqual(inOrder(listed), inOrder(kept))
      assert.equal(await log.total(), 300)
      assert.equal(await log.total({ tenant: 'tenant-1' }), 100)
    },
  },
  {
    group,
    name: 'who pages while others write meets every command of before once',
    run: async ({ log, record }) => {
      const kept = await record(variedRecords())
      let written = 0
      const busy: Pick<CommandLog, 'list'> = {
        list: async (filter, page) => {
          if ((written += 1) <= 9) await record([command({ tenant: 'left' })])
          return log.list(filter, page)
        },
      }
      const newest = await everyRecord(busy, { tenant: 'left' }, { limit: 5 })
      const expected = plainList(kept, { tenant: 'left' })
      assert.deepEqual(newest.slice(-expected.length), expected)
      assert.equal(newest.length, expected.length + 1)
      const oldest = await everyRecord(busy, { order: 'oldest' }, { limit: 5 })
      assert.deepEqual(oldest.slice(0, kept.length), kept)
      assert.equal(oldest.length, kept.length + 9)
    },
  },
  {
    group,
    name: 'a command that was recorded is found at once',
    run: async ({ log, record }) => {
      await Promise.all(
        oneTo(50).map(async () => {
          const [kept] = await record([command()])
          assert.ok(kept)
          assert.deepEqual(await log.get(kept.tenant, kept.commandId), kept)
        }),
      )
    },
  },
]
