// The checks of the contention suite fail when a store lies: each promise is broken once, and must be missed.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { commit, stream, tenant, wholeLog } from '../../src/conformance/event-store/given.ts'
import { attempt } from '../../src/conformance/event-store-contention/deed.ts'
import type { Deed } from '../../src/conformance/event-store-contention/deed.ts'
import { assertFollowed, playFollow } from '../../src/conformance/event-store-contention/follow.ts'
import { createReplay } from '../../src/conformance/event-store-contention/replay.ts'
import { checkStory } from '../../src/conformance/event-store-contention/story.ts'
import type { EventStore, StoredEvent } from '../../src/stores/event/event-store.ts'
import { createMemoryEventStore } from '../../src/stores/event/memory-event-store.ts'
import { runtime } from '../stores/runtime.ts'

interface Told {
  readonly store: EventStore
  readonly deeds: readonly Deed[]
}
/** Three stored commits, a conflict, a repetition and one that was called back. */
async function told(): Promise<Told> {
  const store = createMemoryEventStore(runtime.ids)
  const first = commit({ commandId: 'first', streams: [stream('a', 'noStream', ['1', '2']), stream('b')] })
  const idempotency = { sender: 'alice', key: 'k', fingerprint: 'p' }
  const deeds = [
    await attempt(store, first, 0),
    await attempt(store, commit({ commandId: 'second', streams: [stream('a', 2)], idempotency }), 1),
    await attempt(store, commit({ commandId: 'late', streams: [stream('a', 2)] }), 2),
    await attempt(store, { ...first, recordedAt: 1 }, 2),
    await attempt(store, commit({ commandId: 'third', streams: [stream('b', 1)], reads: [] }), 2),
    await attempt(store, commit({ commandId: 'same-key', streams: [stream('c')], idempotency }), 3),
    await attempt(store, commit({ commandId: 'gone' }), 3, { signal: AbortSignal.abort(new Error('left')) }),
  ]
  return { store, deeds }
}
const kinds = ({ deeds }: Told) => deeds.map(({ said }) => said.verdict)
/** The same store, whose log is another one. */
const withLog = (store: EventStore, change: (log: readonly StoredEvent[]) => readonly StoredEvent[]): EventStore => ({
  ...store,
  readAll: async ({ after }) => change(await wholeLog(store)).filter(({ position }) => position > after),
})
/** The deeds, of which those of one command are changed. */
const changed = ({ deeds }: Told, commandId: string, change: (deed: Deed) => Deed) =>
  deeds.map((deed) => (deed.commit.commandId === commandId ? change(deed) : deed))

test('a store that tells the truth passes', async () => {
  const truth = await told()
  assert.deepEqual(kinds(truth), ['stored', 'stored', 'conflict', 'duplicate', 'stored', 'duplicate', 'withdrawn'])
  assert.equal((await checkStory(truth.store, truth.deeds)).length, 5)
})

describe('a story is refused in which', () => {
  const refused = async (
    deeds: (truth: Told) => readonly Deed[],
    log?: (log: readonly StoredEvent[]) => readonly StoredEvent[],
  ) => {
    const truth = await told()
    const store = log === undefined ? truth.store : withLog(truth.store, log)
    await assert.rejects(checkStory(store, deeds(truth)), assert.AssertionError)
  }
  const asTold = ({ deeds }: Told) => deeds

  test('a byte of an event is another one', () =>
    refused(asTold, (log) => log.map((event, at) => (at === 1 ? { ...event, data: '3' } : event))))
  test('half of a commit is there', () => refused(asTold, (log) => log.filter((_, at) => at !== 1)))
  test('a commit that was acknowledged is not there', () => refused(asTold, (log) => log.slice(0, 4)))
  test('two events have changed places', () =>
    refused(asTold, ([one, two, ...others]) => [two, one, ...others].flatMap((event) => event ?? [])))
  test('there is a commit of which nobody was told', () =>
    refused(({ deeds }) => deeds.filter(({ commit: { commandId } }) => commandId !== 'third')))
  test('one commit was told stored twice', () => refused(({ deeds }) => [...deeds, ...deeds.slice(0, 1)]))
  test('a commit was stored although a stream was elsewhere', () =>
    refused((truth) =>
      changed(truth, 'third', (deed) => ({ ...deed, commit: { ...deed.commit, streams: [stream('b', 7, ['{}'])] } })),
    ))
  test('a commit was stored although a stream that it had read moved', () =>
    refused((truth) =>
      changed(truth, 'third', (deed) => ({
        ...deed,
        commit: { ...deed.commit, reads: [{ aggregateType: 'Order', aggregateId: 'a', version: 2 }] },
      })),
    ))
  test('a conflict names a version that the stream never had', () =>
    refused((truth) =>
      changed(truth, 'late', (deed) => ({
        ...deed,
        said: { verdict: 'conflict', stream: { aggregateType: 'Order', aggregateId: 'a' }, expected: 2, actual: 9 },
      })),
    ))
  test('a conflict was over before the commit was handed in', () =>
    refused((truth) =>
      changed(truth, 'late', (deed) => ({
        ...deed,
        after: 2,
        said: { verdict: 'conflict', stream: { aggregateType: 'Order', aggregateId: 'a' }, expected: 2, actual: 0 },
      })),
    ))
  test('a repetition was told of another command', () =>
    refused((truth) =>
      changed(truth, 'same-key', (deed) => ({ ...deed, commit: { ...deed.commit, idempotency: undefined } })),
    ))
  test('a commit that was called back is stored', async () => {
    const { store, deeds } = await told()
    const gone = commit({ commandId: 'gone' })
    const said = await store.commit(gone)
    assert.equal(said.verdict, 'stored')
    await assert.rejects(checkStory(store, deeds), assert.AssertionError)
    assert.ok(await store.header(tenant, 'gone'))
  })
})

test('a replay refuses a gap in the commit numbers, and a header that ends elsewhere', async () => {
  const given = commit({ commandId: 'one' })
  assert.throws(() => createReplay().next(given, { commitNo: 2, position: 0 }, []), /gap/)
  assert.throws(() => createReplay().next(given, { commitNo: 1, position: 1 }, []), /elsewhere/)
})

test('a reader that skips, reorders or ends in the middle of a commit is noticed', async () => {
  const { store } = await told()
  const log = await wholeLog(store)
  const source = (events: readonly StoredEvent[]) => ({ readAll: async () => events })
  for (const seen of [log.slice(1), log.toReversed()])
    await assert.rejects(playFollow({ part: 'follow', limit: 10 }, source(seen), runtime.clock), /skipped or reordered/)
  const ids = log.map(({ commandId, index }) => `${commandId}.${index}`)
  assertFollowed({ ids, pageEnds: [3] }, log)
  assert.throws(() => assertFollowed({ ids, pageEnds: [1] }, log), /ended in a commit/)
  assert.throws(() => assertFollowed({ ids: ids.slice(1), pageEnds: [] }, log))
})
