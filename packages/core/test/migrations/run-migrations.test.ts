import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { findGestaError, isGestaError } from '../../src/errors/gesta-error.ts'
import type { MigrationModule } from '../../src/migrations/migration.ts'
import { runMigrations } from '../../src/migrations/run-migrations.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import { createMemoryTarget } from './memory-target.ts'

const moduleOf = (
  name: string,
  migrations: readonly (readonly string[])[],
  dependsOn?: readonly string[],
): MigrationModule => ({
  name,
  dependsOn,
  migrations: migrations.map((statements, index) => ({ number: index + 1, name: `step-${index + 1}`, statements })),
})
const modules = [moduleOf('groups', [['g1'], ['g2']], ['log']), moduleOf('log', [['l1', 'l2'], ['l3']])]
const inOrder = ['l1', 'l2', 'l3', 'g1', 'g2']

describe('a run', () => {
  test('stamps each migration with the time of the clock', async () => {
    const clock = createFakeClock()
    const target = createMemoryTarget()
    const applied = await runMigrations(target, modules, fakeRuntime(clock))
    assert.deepEqual(target.ran, inOrder)
    assert.deepEqual(
      applied.map(({ appliedAt }) => appliedAt),
      Array.from({ length: 4 }, () => clock.nowUs()),
    )
    assert.equal(target.heldBy, undefined)
  })

  test('that is up to date looks at the ledger once, and not at the lock', async () => {
    const target = createMemoryTarget()
    const runtime = fakeRuntime(createFakeClock())
    await runMigrations(target, modules, runtime)
    let looks = 0
    const { ledger, tryLock } = target
    const counted = { database: 'db', tryLock, ledger: () => ((looks += 1), ledger()) }
    assert.deepEqual(await runMigrations(counted, modules, runtime), [])
    assert.deepEqual([looks, target.tries], [1, 1])
  })

  test('refuses modules and options that make no sense before it asks the database', async () => {
    const silent = { database: 'db', ledger: () => assert.fail(), tryLock: () => assert.fail() }
    const runtime = fakeRuntime(createFakeClock())
    const target = createMemoryTarget()
    await assert.rejects(runMigrations(silent, [moduleOf('a', [], ['b'])], runtime), /depends on "b"/)
    await assert.rejects(
      runMigrations(silent, [], runtime, { lockTimeoutMS: 1 } as object),
      /Did you mean "lockTimeoutMs"/,
    )
    for (const lockTimeoutMs of [-1, Number.NaN])
      await assert.rejects(runMigrations(target, [], runtime, { lockTimeoutMs }), RangeError)
  })

  test('tells what the database said when an adapter did not say where it failed', async () => {
    const target = createMemoryTarget()
    target.interrupt = () => {
      throw new Error('the cable is out')
    }
    await assert.rejects(runMigrations(target, modules, fakeRuntime(createFakeClock())), (error) => {
      const found = findGestaError(error, 'migration_failed')
      assert.match(String(found?.message), /log 1 "step-1" to run, but it could not be stored: the cable is out/)
      assert.equal(found?.facts['statement'], undefined)
      return true
    })
    assert.equal(target.heldBy, undefined)
  })

  test('shortens a long statement in its error, and puts it on one line', async () => {
    const run = runMigrations(
      createMemoryTarget(),
      [moduleOf('log', [['a', `fail\n  ${'x'.repeat(500)}`]])],
      fakeRuntime(createFakeClock()),
    )
    await assert.rejects(run, ({ message }: Error) => {
      assert.match(message, /statement 2 of 2 failed: no such word \(fail x{115}\.\.\.\)/)
      return message.length < 400
    })
  })

  test('ends between two migrations when its signal aborts, with what it applied', async () => {
    const target = createMemoryTarget()
    const controller = new AbortController()
    const reason = new Error('stop')
    target.interrupt = (when) => {
      if (when === 'after') controller.abort(reason)
    }
    await assert.rejects(
      runMigrations(target, modules, fakeRuntime(createFakeClock()), { signal: controller.signal }),
      reason,
    )
    assert.deepEqual(target.ran, ['l1', 'l2'])
    assert.equal(target.heldBy, undefined)
  })
})

describe('the lock', () => {
  test('is asked for again and again until the time is up, and the error names the holder', async () => {
    const clock = createFakeClock()
    const target = createMemoryTarget()
    target.heldBy = 'process 7 on host-1'
    const startedUs = clock.monotonicUs()
    const run = runMigrations(target, modules, fakeRuntime(clock))
    await assert.rejects(clock.finish(run), (error) => {
      const found = findGestaError(error, 'migration_lock_timeout')
      assert.match(String(found?.message), /of memory within 30000 ms, but process 7 on host-1 has it/)
      assert.equal(found?.facts['heldBy'], 'process 7 on host-1')
      return true
    })
    assert.ok(clock.monotonicUs() - startedUs >= 30_000_000)
    assert.ok(target.tries > 60 && target.tries < 2000, String(target.tries))
    assert.equal(clock.timers, 0)
  })

  test('is asked for once when there is no time to wait', async () => {
    const target = createMemoryTarget()
    target.heldBy = 'another one'
    const run = runMigrations(target, modules, fakeRuntime(createFakeClock()), { lockTimeoutMs: 0 })
    await assert.rejects(run, (error) => isGestaError(error, 'migration_lock_timeout'))
    assert.equal(target.tries, 1)
  })

  test('is waited for as long as it takes when the timeout is infinite', async () => {
    const clock = createFakeClock()
    const target = createMemoryTarget()
    target.heldBy = 'another one'
    const run = runMigrations(target, modules, fakeRuntime(clock), { lockTimeoutMs: Number.POSITIVE_INFINITY })
    await clock.advance(3_600_000)
    target.heldBy = undefined
    assert.equal((await clock.finish(run)).length, 4)
  })

  test('is waited for no longer when the signal aborts, and leaves no timer', async () => {
    const clock = createFakeClock()
    const target = createMemoryTarget()
    target.heldBy = 'another one'
    const controller = new AbortController()
    const run = runMigrations(target, modules, fakeRuntime(clock), { signal: controller.signal })
    const refused = assert.rejects(run, /enough/)
    await clock.advance(1000)
    controller.abort(new Error('enough'))
    await refused
    assert.equal(clock.timers, 0)
    const late = runMigrations(target, modules, fakeRuntime(clock), { signal: controller.signal })
    await assert.rejects(late, /enough/)
  })
})

test('however often several runs are cut short, each migration is applied once and in order', async () => {
  const cut = fc.record({ when: fc.constantFrom('before' as const, 'after' as const), at: fc.nat(4) })
  await fc.assert(
    fc.asyncProperty(fc.array(cut, { maxLength: 6 }), fc.integer({ min: 1, max: 3 }), async (cuts, contenders) => {
      const clock = createFakeClock()
      const target = createMemoryTarget()
      for (const { when, at } of [...cuts, { when: 'before' as const, at: Number.POSITIVE_INFINITY }]) {
        let calls = 0
        target.interrupt = (now) => {
          if (now === when && calls++ === at) throw new Error('cut')
        }
        const runs = Array.from({ length: contenders }, () => runMigrations(target, modules, fakeRuntime(clock)))
        for (const result of await clock.finish(Promise.allSettled(runs)))
          if (result.status === 'rejected') assert.match(String(result.reason), /cut/)
        assert.deepEqual(target.ran, inOrder.slice(0, target.ran.length))
        assert.equal(target.heldBy, undefined)
      }
      assert.deepEqual(target.ran, inOrder)
    }),
  )
})
