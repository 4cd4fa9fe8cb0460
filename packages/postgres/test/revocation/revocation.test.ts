// What one process takes away, no other one allows any more once it was acknowledged, whatever its view of who may what is doing.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { oneTo } from '../commits.ts'
import { newSchema, skip } from '../place.ts'
import { startOther } from './other-process.ts'
import type { OtherProcess } from './other-process.ts'
import { startTeam, ways } from './team-app.ts'
import type { Team } from './team-app.ts'

const allowed = ['allowed', 'allowed']
const denied = ['permission_denied', 'permission_denied']

/** One process in this one, and another one where everybody was allowed just now, so it has that in memory. */
async function onTwo(views: 'own' | 'shared', run: (one: Team, other: OtherProcess) => Promise<void>): Promise<void> {
  const options: PostgresOptions = await newSchema()
  await using one = await startTeam(postgres(options))
  await using other = await startOther(options, views)
  for (const way of ways) assert.deepEqual(await other.both(way), allowed)
  await run(one, other)
}
/** Nothing that nobody can know is allowed. */
async function checkUnknown(other: OtherProcess, member: string): Promise<void> {
  for (const told of await other.both(member, 300))
    assert.ok(['permissions_unavailable', 'deadline_exceeded'].includes(told), told)
}

describe('a permission, an account or a session is revoked in one process', { skip }, () => {
  test('no other process allows anything from the acknowledgement on, and each does again after the next grant', () =>
    onTwo('shared', async (one, other) => {
      for (const round of oneTo(4))
        for (const way of ways) {
          await one.change(way, way, false)
          assert.deepEqual(await other.both(way), denied, `${way} ${round}`)
          assert.equal(await one.ask('query', way), 'permission_denied')
          await one.change(way, way, true)
          assert.deepEqual(await other.both(way), allowed, `${way} ${round}`)
        }
    }))

  test('what concerns one member is nothing to the others', () =>
    onTwo('shared', async (one, other) => {
      for (const way of ways) {
        await one.change('nobody else', way, false)
        assert.deepEqual(await other.both('nobody else'), denied)
        assert.deepEqual(await other.both(way), allowed)
        await one.change('nobody else', way, true)
      }
    }))

  for (const way of ways) {
    test(`${way}: while the pump of the other process stands still nothing is allowed there, and then it is denied`, () =>
      onTwo('own', async (one, other) => {
        await other.tell({ do: 'hold' })
        await one.change(way, way, false)
        await checkUnknown(other, way)
        await checkUnknown(other, way)
        await other.tell({ do: 'letGo' })
        assert.deepEqual(await other.both(way), denied)
        await one.change(way, way, true)
        assert.deepEqual(await other.both(way), allowed)
      }))

    test(`${way}: who asks in the middle of an update of the other process's view waits for it, and is denied`, () =>
      onTwo('own', async (one, other) => {
        for (const round of oneTo(3)) {
          await other.tell({ do: 'hold' })
          await one.change(way, way, false)
          await other.tell({ do: 'reached' })
          const asked = other.both(way)
          // It has come to these before.
          await other.tell({ do: 'slow', delayMs: 0 })
          await other.tell({ do: 'letGo' })
          assert.deepEqual(await asked, denied, `round ${round}`)
          await one.change(way, way, true)
          assert.deepEqual(await other.both(way), allowed, `round ${round}`)
        }
      }))

    test(`${way}: a slow pump makes the other process slow, and never wrong`, () =>
      onTwo('own', async (one, other) => {
        await other.tell({ do: 'slow', delayMs: 60 })
        for (const mayWork of [false, true, false, true, false]) {
          await one.change(way, way, mayWork)
          assert.deepEqual(await other.both(way), mayWork ? allowed : denied)
        }
        // What is in memory by now says so too.
        for (const _ of oneTo(20)) assert.deepEqual(await other.both(way), denied)
      }))

    test(`${way}: while the read model is paused for all, nobody allows anything`, () =>
      onTwo('shared', async (one, other) => {
        await one.pause()
        await one.change(way, way, false)
        // Its owner may have been at it: then it is known, and denied.
        for (const told of await other.both(way, 300)) assert.notEqual(told, 'allowed')
        assert.notEqual(await one.ask('command', way, 300), 'allowed')
        await one.resume()
        assert.deepEqual(await other.both(way), denied)
      }))
  }
})
