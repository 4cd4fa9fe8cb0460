// Short runs of the harness with jobs, and what its look at jobs finds. `npm run crash -- --what jobs` runs for as long as it is told to.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memory } from '@gesta/core'
import type { EventStore, JobEnding, NewJob, OpenBackend } from '@gesta/core/ports'
import { ownPostgresForTests } from '@gesta/services'
import { checkJobs } from '../src/jobs/check.ts'
import { addedType } from '../src/jobs/protocol.ts'
import { runJobRounds } from '../src/jobs/run.ts'
import type { JobsRun } from '../src/jobs/run.ts'
import { newPostgresPlace } from '../src/postgres-place.ts'
import { runtime } from '../src/runtime.ts'
import { newSqlitePlace } from '../src/sqlite-place.ts'

function foundNothing({ findings, kills, acknowledged, jobs, recoveriesMs }: JobsRun): void {
  assert.deepEqual(findings, [])
  assert.ok(kills > 0 && acknowledged > 0 && jobs >= acknowledged, `${kills} ${acknowledged} ${jobs}`)
  assert.ok(recoveriesMs.length > 0)
}

test('SQLite: of processes that are killed every job is done, its effect in a commit once and the one outside at least once', async () => {
  await using place = await newSqlitePlace()
  foundNothing(await runJobRounds(place, { seed: 3, goesOn: ({ kills }) => kills < 4 }))
})

const postgres = await ownPostgresForTests()
test(
  'PostgreSQL: so it is of one of several processes, of one that was stopped meanwhile, and after faults of the server',
  { skip: postgres.skip },
  async () => {
    await using place = await newPostgresPlace(await postgres.start())
    foundNothing(
      await runJobRounds(place, { seed: 3, harms: true, goesOn: ({ kills, stops }) => kills < 3 || stops < 1 }),
    )
  },
)

describe('the look at jobs finds', () => {
  const id = 'c.j0'
  const looked = async (
    { ending, inside = 1 }: { readonly ending?: JobEnding; readonly inside?: number },
    effects: readonly string[] = [id],
    acknowledged: readonly string[] = [id],
  ): Promise<readonly string[]> => {
    await using backend = await memory().open(runtime)
    await commits(backend.events, 'c', { jobs: [{ type: 'Tally.Work', data: '{}' }] })
    for (let each = 0; each < inside; each += 1) await commits(backend.events, `e${each}`, { data: { job: id } })
    await ends(backend, ending)
    return (await checkJobs(backend, acknowledged, effects)).findings
  }
  const done: JobEnding = { kind: 'succeeded' }

  test('nothing when all is as it must be, also when an effect outside was repeated', async () => {
    assert.deepEqual(await looked({ ending: done }, [id, id]), [])
  })
  test('a job that is lost', async () => {
    assert.deepEqual(await looked({ ending: done }, [id], [id, 'd.j0']), ['d.j0 was acknowledged and is lost.'])
  })
  test('a job that has not been done, or was given up', async () => {
    assert.deepEqual(await looked({}), [`${id} is pending.`])
    assert.deepEqual(await looked({ ending: { kind: 'failed', error: 'Error' } }), [`${id} is dead_letter.`])
  })
  test('an effect inside of a commit that is not there, or is there twice', async () => {
    for (const inside of [0, 2])
      assert.deepEqual(await looked({ ending: done, inside }), [
        `${id} has its effect inside of a commit ${inside} times.`,
      ])
  })
  test('an effect outside that is not there', async () => {
    assert.deepEqual(await looked({ ending: done }, []), [`${id} has no effect outside.`])
  })
})

async function commits(
  events: EventStore,
  commandId: string,
  { jobs = [], data }: { readonly jobs?: readonly NewJob[]; readonly data?: object },
): Promise<void> {
  const added = data === undefined ? [] : [{ type: addedType, schemaVersion: 1, data: JSON.stringify(data) }]
  const { verdict } = await events.commit({
    commandId,
    tenant: '',
    context: '{}',
    recordedAt: Date.now() * 1000,
    streams:
      added.length === 0
        ? []
        : [{ aggregateType: 'Tally', aggregateId: 'a', expectation: 'any' as const, events: added }],
    reads: [],
    header: {
      commandType: 'Tally.Add',
      outcome: 'accepted',
      answer: undefined,
      version: undefined,
      fingerprint: undefined,
    },
    idempotency: undefined,
    messages: [],
    jobs,
    audit: [],
  })
  assert.equal(verdict, 'stored')
}

async function ends({ jobs }: OpenBackend, ending: JobEnding | undefined): Promise<void> {
  if (ending === undefined) return
  const worker = { worker: 'w', leaseMs: 1_000, reports: [] }
  const wishes = [{ queue: 'default', room: 1, types: ['Tally.Work'] }]
  const { claimed } = await jobs.exchange({ ...worker, ends: [], wishes })
  const done = claimed.map(({ commitNo, index, no }) => ({ commitNo, index, no, ending }))
  await jobs.exchange({ ...worker, ends: done, wishes: [] })
}
