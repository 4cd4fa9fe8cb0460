import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { GestaError, isGestaError } from '../../../src/errors/gesta-error.ts'
import type { Commit, Verdict } from '../../../src/stores/commit.ts'
import { createCommitQueue } from '../../../src/stores/event/commit-queue.ts'
import type { CommitQueueOptions } from '../../../src/stores/event/commit-queue.ts'
import { commitOf } from './commits.ts'

/** A write that the test answers: groups are kept until `answer` is called. */
function manualWrite() {
  const written: { readonly group: readonly string[]; answer(): void; fail(error: Error): void }[] = []
  let commits = 0
  const write: CommitQueueOptions['write'] = (group) =>
    new Promise((resolve, reject) => {
      const verdicts = group.map((): Verdict => ({
        verdict: 'stored',
        commitNo: (commits += 1),
        position: commits,
        firstVersions: [],
      }))
      written.push({ group: group.map(({ commandId }) => commandId), answer: () => resolve(verdicts), fail: reject })
    })
  return { write, written }
}
const plain = (commandId: string): Commit => commitOf({ commandId, writes: [commandId] })
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('an idle store writes a commit at once', async () => {
  const { write, written } = manualWrite()
  const queue = createCommitQueue({ write })
  const verdict = queue.commit(plain('a'))
  await Promise.resolve()
  assert.deepEqual(written[0]?.group, ['a'])
  written[0]?.answer()
  assert.equal((await verdict).verdict, 'stored')
})

test('commits of callers that were answered together leave together', async () => {
  const { write, written } = manualWrite()
  const queue = createCommitQueue({ write, inFlightMax: 2 })
  const caller = async (id: string): Promise<void> => {
    await queue.commit(plain(`${id}1`))
    await Promise.resolve()
    await queue.commit(plain(`${id}2`))
  }
  const callers = Promise.all(['a', 'b', 'c'].map(caller))
  await turn()
  written[0]?.answer()
  await turn()
  assert.deepEqual(
    written.map(({ group }) => group),
    [
      ['a1', 'b1', 'c1'],
      ['a2', 'b2', 'c2'],
    ],
  )
  written[1]?.answer()
  await callers
})

test('callers of a quick store that come back at once, or a moment later, leave in two halves', async () => {
  for (const moments of [0, 5]) {
    const { write, written } = manualWrite()
    const queue = createCommitQueue({ write, nowMs: () => 0 })
    const caller = async (_: unknown, number: number): Promise<void> => {
      await queue.commit(plain(`${number}`))
      for (let moment = 0; moment < moments; moment += 1) await Promise.resolve()
      await queue.commit(plain(`${number} again`))
    }
    const callers = Promise.all(Array.from({ length: 40 }, caller))
    await turn()
    written[0]?.answer()
    await turn()
    assert.deepEqual(
      written.map(({ group }) => group.length),
      [40, 20, 20],
    )
    for (const { answer } of written) answer()
    await callers
  }
})

test('no more groups are in flight than allowed, and what waits leaves as one group', async () => {
  const { write, written } = manualWrite()
  const queue = createCommitQueue({ write, inFlightMax: 2 })
  const verdicts: Promise<Verdict>[] = []
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    verdicts.push(queue.commit(plain(id)))
    await turn()
  }
  assert.deepEqual(
    written.map(({ group }) => group),
    [['a'], ['b']],
  )
  assert.equal(queue.waiting(), 3)
  written[1]?.answer()
  await turn()
  assert.deepEqual(written[2]?.group, ['c', 'd', 'e'])
  written[0]?.answer()
  written[2]?.answer()
  assert.equal((await Promise.all(verdicts)).length, 5)
})

test('a signal calls back a commit that waits, and no other', async () => {
  const { write, written } = manualWrite()
  const queue = createCommitQueue({ write, inFlightMax: 1 })
  const leaving = new AbortController()
  const first = queue.commit(plain('a'), { signal: leaving.signal })
  await turn()
  const waiting = queue.commit(plain('b'), { signal: leaving.signal })
  const staying = queue.commit(plain('c'))
  leaving.abort(new Error('left'))
  await assert.rejects(waiting, /left/)
  written[0]?.answer()
  assert.equal((await first).verdict, 'stored')
  await turn()
  assert.deepEqual(written[1]?.group, ['c'])
  written[1]?.answer()
  await staying
})

test('a group that fails is written one by one, and each member hears its own result', async () => {
  const groups: (readonly string[])[] = []
  const queue = createCommitQueue({
    write: async (group) => {
      groups.push(group.map(({ commandId }) => commandId))
      if (group.some(({ commandId }) => commandId === 'bad')) throw new GestaError('store_unavailable', 'refused')
      return group.map(() => ({ verdict: 'stored', commitNo: 1, position: 0, firstVersions: [] }))
    },
  })
  const results = await Promise.allSettled(['a', 'bad', 'c'].map((id) => queue.commit(plain(id))))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(groups, [['a', 'bad', 'c'], ['a'], ['bad'], ['c']])
})

test('a group whose outcome is unknown is not written again', async () => {
  let writes = 0
  const queue = createCommitQueue({
    write: async () => {
      writes += 1
      throw new GestaError('outcome_unknown', 'nobody knows')
    },
  })
  const results = await Promise.allSettled(['a', 'b'].map((id) => queue.commit(plain(id))))
  for (const result of results)
    assert.ok(result.status === 'rejected' && isGestaError(result.reason, 'outcome_unknown'))
  assert.equal(writes, 1)
})

test('a group is not written one by one after an error that would meet every member', async () => {
  const { write, written } = manualWrite()
  const away = new GestaError('store_unavailable', 'away')
  const queue = createCommitQueue({ write, meetsAll: (error) => error === away })
  const results = ['a', 'b', 'c'].map((id) => queue.commit(plain(id)).catch((error: unknown) => error))
  await turn()
  written[0]?.fail(away)
  assert.deepEqual(await Promise.all(results), [away, away, away])
  assert.equal(written.length, 1)
})

test('a listener that throws takes no answer away, and nothing from other listeners', async () => {
  const { write, written } = manualWrite()
  const queue = createCommitQueue({ write })
  const heard: number[] = []
  using _ = queue.onAppend(() => {
    throw new Error('planned')
  })
  using __ = queue.onAppend((stored) => void heard.push(...stored.map(({ receipt }) => receipt.position)))
  const verdict = queue.commit(plain('a'))
  await turn()
  written[0]?.answer()
  assert.equal((await verdict).verdict, 'stored')
  assert.deepEqual(heard, [1])
})

test('closing waits for what was given and refuses what comes later', async () => {
  const { write, written } = manualWrite()
  const queue = createCommitQueue({ write, inFlightMax: 1 })
  const given = ['a', 'b'].map((id) => queue.commit(plain(id)))
  await turn()
  let closed = false
  const closing = Promise.all([queue[Symbol.asyncDispose](), queue[Symbol.asyncDispose]()]).then(() => (closed = true))
  await assert.rejects(queue.commit(plain('c')), (error) => isGestaError(error, 'store_closed'))
  await turn()
  assert.equal(closed, false)
  written[0]?.answer()
  await Promise.all(given)
  await closing
})

test('whatever arrives, leaves and fails: each caller hears once, listeners hear what was stored, in order, before the callers', async () => {
  const action = fc.record({
    id: fc.nat(30),
    stream: fc.nat(5),
    tenant: fc.constantFrom('t1', 't2'),
    bulk: fc.boolean(),
    pause: fc.boolean(),
    leaves: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      async (actions, inFlightMax, groupMax) => {
        let commits = 0
        let inFlight = 0
        const stored = new Set<string>()
        const heard: number[] = []
        const queue = createCommitQueue({
          groupMax,
          inFlightMax,
          write: async (group) => {
            assert.ok((inFlight += 1) <= inFlightMax)
            const verdicts = group.map((commit): Verdict => {
              if (commit.commandId.endsWith('0'))
                return {
                  verdict: 'conflict',
                  stream: { aggregateType: 'Order', aggregateId: 'a' },
                  expected: 1,
                  actual: 2,
                }
              stored.add(commit.commandId)
              return { verdict: 'stored', commitNo: (commits += 1), position: commits, firstVersions: [] }
            })
            await turn()
            inFlight -= 1
            return verdicts
          },
        })
        using _ = queue.onAppend((group) => heard.push(...group.map(({ receipt }) => receipt.commitNo)))
        const given: Promise<void>[] = []
        for (const [number, { id, stream, tenant, bulk, pause, leaves }] of actions.entries()) {
          const leaving = new AbortController()
          const commandId = `${number}-${id}`
          const verdict = queue.commit(commitOf({ commandId, tenant, writes: [`s${stream}`] }), {
            lane: bulk ? 'bulk' : 'normal',
            signal: leaving.signal,
          })
          given.push(
            verdict.then(
              (one) => {
                assert.equal(one.verdict === 'stored', stored.has(commandId))
                if (one.verdict === 'stored') assert.ok(heard.includes(one.commitNo))
              },
              () => assert.ok(leaves && !stored.has(commandId)),
            ),
          )
          if (pause) await turn()
          if (leaves) leaving.abort()
        }
        await Promise.all(given)
        assert.equal(queue.waiting(), 0)
        assert.deepEqual(
          heard,
          heard.toSorted((a, b) => a - b),
        )
        assert.equal(heard.length, stored.size)
        await queue[Symbol.asyncDispose]()
      },
    ),
  )
})
