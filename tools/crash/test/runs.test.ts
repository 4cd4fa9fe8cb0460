// Short runs of the harness, in which each way to end a process has its turn: nothing is lost, doubled or torn. `npm run crash` runs
// for as long as it is told to.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ownPostgresForTests } from '@gesta/services'
import type { Place } from '../src/place.ts'
import { newPostgresPlace } from '../src/postgres-place.ts'
import { roundsOfAll, runRounds } from '../src/run.ts'
import { newSqlitePlace } from '../src/sqlite-place.ts'

async function findsNothing(place: Place, seed: number): Promise<void> {
  const rounds = roundsOfAll(place)
  const run = await runRounds(place, { seed, goesOn: (soFar) => soFar.rounds < rounds })
  assert.deepEqual(run.findings, [])
  assert.equal(run.kills, rounds)
  assert.equal(run.endings.size, 1 + place.steps.length + place.harms.length)
  assert.equal(run.harms.size, place.harms.length)
  assert.ok(run.acknowledged > 0 && run.left.whole + run.left.absent > 0)
}

test('SQLite: processes that are killed at every step leave what was acknowledged, once, and nothing in half', async () => {
  await using place = await newSqlitePlace()
  await findsNothing(place, 1)
})

const postgres = await ownPostgresForTests()
describe('PostgreSQL:', { skip: postgres.skip }, () => {
  test('processes that are killed at every step, sessions that are ended, connections that break and a server that crashes leave what was acknowledged, once, and nothing in half', async () => {
    await using place = await newPostgresPlace(await postgres.start())
    await findsNothing(place, 1)
  })
})
