// The harness finds what it looks for: every promise is broken once behind its back.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { memory } from '@gesta/core'
import type { AuditLog, Commit, EventStore, OpenBackend, StoredAuditEntry, StoredEvent } from '@gesta/core/ports'
import { createCheck } from '../src/check.ts'
import type { Check } from '../src/check.ts'
import { createCommitMaker } from '../src/commits.ts'
import { diceOf } from '../src/dice.ts'
import { createLedger } from '../src/ledger.ts'
import type { Ledger } from '../src/ledger.ts'
import { modelName } from '../src/names.ts'
import { runRounds } from '../src/run.ts'
import { runtime } from '../src/runtime.ts'
import { newSqlitePlace } from '../src/sqlite-place.ts'

interface Told {
  readonly backend: OpenBackend
  readonly ledger: Ledger
  readonly check: Check
  readonly commits: readonly Commit[]
}
/** Commits that were handed in and answered; the last three were not answered, and the middle one of them was not stored. */
async function told(): Promise<Told> {
  const backend = await memory().open(runtime)
  const ledger = createLedger()
  const check = createCheck(ledger)
  const maker = createCommitMaker(diceOf(1), 'r1', () => 0)
  const commits = Array.from({ length: 60 }, () => maker.next())
  for (const [at, commit] of commits.entries()) {
    ledger.handIn(commit)
    if (at === 58) continue
    const said = await backend.events.commit(commit)
    if (at < 57) ledger.told(commit, said)
  }
  return { backend, ledger, check, commits }
}
/** A commit that was acknowledged, and has several events. */
function acknowledged({ ledger }: Told): Commit {
  const entry = ledger
    .entries()
    .find(({ said, commit }) => said?.verdict === 'stored' && commit.streams.some(({ events }) => events.length > 1))
  assert.ok(entry)
  return entry.commit
}
const withEvents = (backend: OpenBackend, change: (events: EventStore) => Partial<EventStore>): OpenBackend => ({
  ...backend,
  events: { ...backend.events, ...change(backend.events) },
})
const withAudit = (backend: OpenBackend, change: (audit: AuditLog) => Partial<AuditLog>): OpenBackend => ({
  ...backend,
  audit: { ...backend.audit, ...change(backend.audit) },
})
/** The same backend, whose log reads otherwise. */
const withLog = (backend: OpenBackend, change: (event: StoredEvent) => readonly StoredEvent[]): OpenBackend =>
  withEvents(backend, ({ readAll }) => ({ readAll: async (read) => (await readAll(read)).flatMap(change) }))

test('a store that keeps its promises passes, and what was not answered is settled by handing it in again', async () => {
  const { backend, ledger, check } = await told()
  await check.look(backend)
  const unsettled = ledger.unsettled()
  assert.equal(unsettled.length, 3)
  for (const commit of unsettled) ledger.told(commit, await backend.events.commit(commit))
  await check.lookAtAll(backend)
  assert.deepEqual(ledger.unsettled(), [])
  assert.equal(check.left.whole + check.left.absent, 3)
})

describe('it is found when', () => {
  const found = async (lie: (truth: Told) => OpenBackend, pattern: RegExp) => {
    const truth = await told()
    await assert.rejects(truth.check.look(lie(truth)), (error) => {
      assert.ok(error instanceof assert.AssertionError)
      assert.match(error.message, pattern)
      return true
    })
  }

  test('a commit that was acknowledged is gone', () =>
    found((truth) => {
      const { commandId } = acknowledged(truth)
      return withEvents(truth.backend, ({ header }) => ({
        header: async (tenant, id) => (id === commandId ? undefined : header(tenant, id)),
      }))
    }, /was told stored, and is not in the log/))
  test('a commit that was refused is there', () =>
    found((truth) => {
      const refused = truth.ledger.entries().find(({ said }) => said?.verdict === 'conflict')?.commit
      const there = acknowledged(truth)
      assert.ok(refused)
      return withEvents(truth.backend, ({ header }) => ({
        header: async (tenant, id) => {
          const real = await header(there.tenant, there.commandId)
          if (id !== refused.commandId || real === undefined) return header(tenant, id)
          return { ...real, ...refused.header, ...refused, commandId: id }
        },
      }))
    }, /was told conflict, and is in the log/))
  test('half of a commit is there', () =>
    found((truth) => {
      const { commandId } = acknowledged(truth)
      return withLog(truth.backend, (event) => (event.commandId === commandId && event.index === 0 ? [] : [event]))
    }, /does not lie in the log as it was given/))
  test('a commit is there twice', () =>
    found((truth) => {
      const { commandId } = acknowledged(truth)
      return withLog(truth.backend, (event) => (event.commandId === commandId ? [event, event] : [event]))
    }, /does not lie in the log as it was given/))
  test('a byte of an event is another one', () =>
    found((truth) => {
      const { commandId } = acknowledged(truth)
      return withLog(truth.backend, (event) => [
        event.commandId === commandId ? { ...event, data: `${event.data} ` } : event,
      ])
    }, /does not lie in the log as it was given/))
  test('an event is there that nobody handed in', () =>
    found(
      ({ backend, commits }) =>
        withEvents(backend, ({ readAll }) => ({
          readAll: async (read) => {
            const page = await readAll(read)
            const last = page.at(-1)
            if (last === undefined || read.after > 0) return page
            return [...page, { ...last, commitNo: commits.length + 1, position: last.position + 1, commandId: 'stray' }]
          },
        })),
      /has an event of stray/,
    ))
  test('what a commit carries beside its events is gone', () =>
    found(
      ({ backend }) => withEvents(backend, () => ({ parts: async () => ({ messages: [], jobs: [], audit: [] }) })),
      /The parts of/,
    ))
  const chain = (change: (entries: readonly StoredAuditEntry[]) => readonly StoredAuditEntry[]): Promise<void> =>
    found(
      ({ backend }) => withAudit(backend, ({ read }) => ({ read: async (asked) => change(await read(asked)) })),
      /is not what its commits added/,
    )
  test('an audit entry is gone', () => chain((entries) => entries.filter(({ sequence }) => sequence !== 2)))
  test('the last audit entries are gone', () => chain((entries) => entries.filter(({ sequence }) => sequence < 3)))
  test('an audit entry is another one', () =>
    chain((entries) => entries.map((entry) => (entry.sequence === 2 ? { ...entry, actor: 'mallory' } : entry))))
  test('audit entries have changed places', () =>
    chain((entries) => entries.toSorted((one, other) => (one.sequence % 3) - (other.sequence % 3))))
  test('an audit entry is there of a commit that is not', () =>
    chain((entries) => {
      const last = entries.at(-1)
      return last === undefined ? entries : [...entries, { ...last, sequence: last.sequence + 1, commandId: 'stray' }]
    }))
  test('a chain ends elsewhere than it says', () =>
    found(
      ({ backend }) => withAudit(backend, ({ heads }) => ({ heads: async (page) => (await heads(page)).slice(1) })),
      /end elsewhere/,
    ))
  test('a key is gone', () =>
    found(({ backend }) => withEvents(backend, () => ({ headerByKey: async () => undefined })), /key of/))
  test('a header is another one', () =>
    found(
      ({ backend }) =>
        withEvents(backend, ({ header }) => ({
          header: async (tenant, id) => {
            const real = await header(tenant, id)
            return real && { ...real, answer: '"another"' }
          },
        })),
      /The header of/,
    ))
  test('a version is another one', () =>
    found(
      ({ backend }) =>
        withEvents(backend, ({ versions }) => ({ versions: async (all) => (await versions(all)).map((v) => v + 1) })),
      /The version of/,
    ))

  const viewAt = async (position: number | 'end of a commit', eventId: string, pattern: RegExp): Promise<void> => {
    const { backend, check } = await told()
    const { events, readModels } = backend
    const log = await events.readAll({ after: 0 })
    const at =
      position === 'end of a commit' ? log.findIndex(({ commitNo }) => commitNo !== log[0]?.commitNo) : position
    const last = log[at - 1] ?? log[0]
    assert.ok(last)
    const view = await readModels.open({ name: modelName, modelVersion: 1, generation: 1 })
    const { incarnation } = events.identity
    const moved = await view.flush({
      expected: { incarnation, position: 0, eventId: '' },
      next: { incarnation, position: at, eventId: eventId === 'own' ? `${last.commandId}.${last.index}` : eventId },
      writes: [{ tenant: last.tenant, key: 'others', value: '{"key":"others","events":99,"sum":0}' }],
    })
    assert.ok(moved)
    await assert.rejects(check.look(backend), pattern)
  }
  test('a view has a row that its events do not make', () => viewAt('end of a commit', 'own', /Rows of/))
  test('a view stands beside the log', () => viewAt('end of a commit', 'another.0', /names another event/))
  test('a view stands in the middle of a commit', () => viewAt(1, 'own', /in the middle of a commit/))
  test('a view stands beyond the log', () => viewAt(100_000, 'own', /has nothing/))

  test('the log is another one when it is read again', async () => {
    const { backend, check } = await told()
    await check.look(backend)
    const changed = withLog(backend, (event) => [
      event.position === 1 ? { ...event, data: '{"amount":0,"text":""}' } : event,
    ])
    await assert.rejects(check.lookAtAll(changed), /is not what is read now/)
  })
  test('an audit log is another one when it is read again', async () => {
    const { backend, check } = await told()
    await check.look(backend)
    for (const [change, pattern] of [
      [({ sequence }: StoredAuditEntry) => sequence !== 1, /breaks behind entry 0/],
      [({ sequence }: StoredAuditEntry) => sequence < 2, /made anew/],
    ] as const) {
      const changed = withAudit(backend, ({ read }) => ({ read: async (asked) => (await read(asked)).filter(change) }))
      await assert.rejects(check.lookAtAll(changed), pattern)
    }
  })
  test('a caller is told what cannot be', async () => {
    const { backend, ledger, check, commits } = await told()
    await check.look(backend)
    const [whole, , absent] = [commits[57], commits[59], commits[58]]
    assert.ok(whole && absent)
    const header = await backend.events.header(whole.tenant, whole.commandId)
    assert.ok(header)
    assert.throws(
      () => ledger.told(whole, { verdict: 'stored', commitNo: 999, position: 999, firstVersions: [] }),
      /was in the log/,
    )
    assert.throws(
      () => ledger.told(absent, { verdict: 'duplicate', by: 'command', header, fingerprint: undefined }),
      /repeat a commit that was not in the log/,
    )
    assert.throws(() => ledger.told(absent, { verdict: 'failed', code: undefined, message: 'TypeError' }), /TypeError/)
  })
})

test('a run ends with its first finding, which names seed, round and ending', async () => {
  await using place = await newSqlitePlace()
  let looks = 0
  const tampered = {
    ...place,
    // Behind the back of the store: the last commit that was acknowledged goes.
    quiet: async () => {
      looks += 1
      if (looks < 2) return
      const db = new DatabaseSync(place.opening().at)
      db.exec('DELETE FROM events WHERE position = (SELECT max(position) FROM events)')
      db.close()
    },
  }
  const run = await runRounds(tampered, { seed: 7, goesOn: ({ rounds }) => rounds < 5 })
  assert.equal(run.rounds, 2)
  assert.equal(run.findings.length, 1)
  assert.match(run.findings[0] ?? '', /^seed 7, round 2, ended at "begun": AssertionError/)
})
