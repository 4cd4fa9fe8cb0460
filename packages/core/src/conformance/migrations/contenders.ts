// Several that migrate one database: one at a time, and nobody does work that is done.
import assert from 'node:assert/strict'
import { runMigrations } from '../../migrations/run-migrations.ts'
import { createTable, endless, hold, insert, marks, moduleOf, refused, run } from './given.ts'
import type { MigrationCase } from './given.ts'
import { untilLedgerHas, watched } from './waiting.ts'

const group = 'contenders'
const log = moduleOf('log', [[createTable('journal')], [insert('journal', 'a')], [insert('journal', 'b')]])

export const contenderCases: readonly MigrationCase[] = [
  {
    group,
    name: 'who finds the lock taken is refused when its time is up, and has changed nothing',
    run: async (place) => {
      await using _ = await hold(place.newTarget())
      const error = await refused(run(place, [log], { lockTimeoutMs: 60 }), 'migration_lock_timeout')
      assert.equal(error.facts['lockTimeoutMs'], 60)
      assert.ok(error.message.includes(place.newTarget().database), error.message)
      assert.deepEqual(await place.tables(), [])
    },
  },
  {
    group,
    needs: 'holder',
    name: 'who is refused is told who has the lock',
    run: async (place) => {
      await using _ = await hold(place.newTarget())
      const error = await refused(run(place, [log], { lockTimeoutMs: 0 }), 'migration_lock_timeout')
      const { heldBy } = error.facts
      assert.ok(typeof heldBy === 'string' && heldBy.length > 0 && error.message.includes(heldBy), error.message)
    },
  },
  {
    group,
    name: 'who waits gets the lock when it is given back',
    run: async (place) => {
      const session = await hold(place.newTarget())
      const { target, refusedOnce } = watched(place.newTarget())
      const waiting = runMigrations(target, [log], place.runtime)
      await refusedOnce
      await session[Symbol.asyncDispose]()
      assert.deepEqual(marks(await waiting), ['log 1', 'log 2', 'log 3'])
    },
  },
  {
    group,
    name: 'who waits while another one migrates finds the work done',
    run: async (place) => {
      const runs = Array.from({ length: 4 }, () => run(place, [log]))
      const applied = (await Promise.all(runs)).flat()
      assert.deepEqual(marks(applied), ['log 1', 'log 2', 'log 3'])
      assert.deepEqual(await place.newTarget().ledger(), applied)
      assert.deepEqual(await place.texts('SELECT entry FROM journal ORDER BY entry'), ['a', 'b'])
    },
  },
  {
    group,
    name: 'who has nothing to do does not ask for the lock',
    run: async (place) => {
      await run(place, [log])
      await using _ = await hold(place.newTarget())
      assert.deepEqual(await run(place, [log], { lockTimeoutMs: 0 }), [])
    },
  },
  {
    group,
    name: 'a signal ends the wait for the lock',
    run: async (place) => {
      await using _ = await hold(place.newTarget())
      const reason = new Error('enough')
      const controller = new AbortController()
      const { target, refusedOnce } = watched(place.newTarget())
      const waiting = runMigrations(target, [log], place.runtime, { signal: controller.signal })
      await Promise.all([refusedOnce.then(() => controller.abort(reason)), assert.rejects(waiting, reason)])
      assert.deepEqual(await place.tables(), [])
    },
  },
  {
    group,
    needs: 'processes',
    name: 'another process keeps the lock while it migrates, and loses it when it is killed',
    run: async (place) => {
      const process = place.migrateElsewhere([moduleOf('slow', [[createTable('journal')], [endless('journal')]])])
      try {
        await untilLedgerHas(place, 1, process)
        await refused(
          run(place, [moduleOf('slow', [[createTable('journal')], [insert('journal', 'a')]])], { lockTimeoutMs: 50 }),
          'migration_lock_timeout',
        )
      } finally {
        await process.kill()
      }
      await using _ = await hold(place.newTarget())
    },
  },
]
