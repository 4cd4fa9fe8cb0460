// Short runs of the harness with views, in which each way to end a process has its turn. `npm run crash -- --what views` runs for as long
// as it is told to.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ownPostgresForTests } from '@gesta/services'
import { newFilePlace, newServerPlace } from '../src/views/places.ts'
import type { ViewsPlace } from '../src/views/places.ts'
import type { Ending } from '../src/views/round.ts'
import { endingsOf, runViewRounds } from '../src/views/run.ts'

async function findsNothing(place: ViewsPlace, kinds: readonly Ending['kind'][]): Promise<void> {
  const ways = endingsOf(place).filter(({ kind }) => kinds.includes(kind))
  const run = await runViewRounds(place, { seed: 1, ways, goesOn: ({ rounds }) => rounds < ways.length })
  assert.deepEqual(run.findings, [])
  // Everything is brought to rest in the end.
  assert.equal(run.endings.size, ways.length + 1)
  assert.equal(run.endings.get('killed at rest'), 1)
  assert.ok(run.written > 0)
}

describe('SQLite: views of a process that was killed are the fold of the log up to their checkpoints,', () => {
  test('at every step of a flush', async () => {
    await using place = await newFilePlace('sqlite')
    await findsNothing(place, ['kill', 'step'])
  })
  test('at every step of the engine, and in a handler', async () => {
    await using place = await newFilePlace('sqlite')
    await findsNothing(place, ['engine'])
  })
})

test('memory: views of a process that was killed anywhere are the fold of the log in the next one', async () => {
  await using place = await newFilePlace('memory')
  await findsNothing(place, ['kill', 'engine'])
})

const postgres = await ownPostgresForTests()
describe(
  'PostgreSQL: views of a process that was killed are the fold of the log up to their checkpoints,',
  { skip: postgres.skip },
  () => {
    test('at every step of a flush', async () => {
      await using place = await newServerPlace(await postgres.start())
      await findsNothing(place, ['kill', 'step'])
    })
    test('at every step of the engine, and in a handler', async () => {
      await using place = await newServerPlace(await postgres.start())
      await findsNothing(place, ['engine'])
    })
    test('after sessions were ended, connections broke and the server crashed', async () => {
      await using place = await newServerPlace(await postgres.start())
      await findsNothing(place, ['harm'])
    })
    test('and of one that was stopped and overtaken: it writes nothing when it is continued', async () => {
      await using place = await newServerPlace(await postgres.start())
      await findsNothing(place, ['overtake'])
    })
  },
)
