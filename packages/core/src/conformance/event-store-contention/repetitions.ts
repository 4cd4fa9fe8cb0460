// The same commit from many sides at once: stored once, and everybody is told where.
import assert from 'node:assert/strict'
import type { Commit } from '../../stores/commit.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import { commit, oneTo, stream } from '../event-store/given.ts'
import type { Deed } from './deed.ts'
import type { ContentionCase, GivenContention } from './given.ts'
import { playRepeat } from './repeat.ts'
import { checkStory } from './story.ts'

const group = 'repetitions'
const count = 40
const processes = 4

/** Commits that are repeated under their ids, and pairs with different ids that share a key. */
function commitsOf(effort: number): readonly Commit[] {
  return oneTo(count * effort).map((i) => {
    const key = { sender: 'alice', key: `key-${Math.ceil(i / 2)}`, fingerprint: `print-${Math.ceil(i / 2)}` }
    const fields = { commandId: `c${i}`, streams: [stream(`s${i % 7}`), stream(`t${i}`)], answer: String(i) }
    return commit(i % 3 === 0 ? fields : { ...fields, idempotency: key })
  })
}

/** Of each command and of each key exactly one was stored. */
async function storedOnce(store: EventStore, commits: readonly Commit[], deeds: readonly Deed[]): Promise<void> {
  await checkStory(store, deeds)
  const won = deeds.filter(({ said }) => said.verdict === 'stored').map(({ commit: each }) => each)
  assert.equal(new Set(won.map(({ commandId }) => commandId)).size, won.length)
  const keys = won.flatMap(({ idempotency }) => idempotency?.key ?? [])
  assert.equal(new Set(keys).size, keys.length)
  assert.deepEqual(new Set(keys), new Set(commits.flatMap(({ idempotency }) => idempotency?.key ?? [])))
  for (const { idempotency, commandId } of commits)
    if (idempotency === undefined)
      assert.ok(
        won.some((each) => each.commandId === commandId),
        commandId,
      )
}

/** A repetition finds what was stored, and stores nothing. */
async function foundAgain(store: EventStore, commits: readonly Commit[], deeds: readonly Deed[]): Promise<void> {
  const head = await store.head()
  const again = await playRepeat({ part: 'repeat', commits, times: 2 }, store)
  for (const { commit: each, said } of again) assert.equal(said.verdict, 'duplicate', each.commandId)
  assert.equal(await store.head(), head)
  await checkStory(store, [...deeds, ...again])
}

async function repeated({
  store,
  playHere,
  effort,
}: GivenContention): Promise<readonly [readonly Commit[], readonly Deed[]]> {
  const commits = commitsOf(effort)
  const { deeds } = await playHere({ part: 'repeat', commits, times: 5 })
  await storedOnce(store, commits, deeds)
  return [commits, deeds]
}

export const repetitionCases: readonly ContentionCase[] = [
  {
    group,
    name: 'commits that many callers hand in at once, under one id or one key, are stored once',
    run: async (given) => {
      const [commits, deeds] = await repeated(given)
      await foundAgain(given.store, commits, deeds)
    },
  },
  {
    group,
    needs: 'durable',
    name: 'commits that were stored are found again by who repeats them after a restart',
    run: async (given) => {
      const [commits, deeds] = await repeated(given)
      await foundAgain(await given.reopen(), commits, deeds)
    },
  },
  {
    group,
    needs: 'manyWriters',
    name: 'commits that several processes hand in at once, under one id or one key, are stored once, and found again after a restart',
    run: async (given) => {
      const commits = commitsOf(given.effort)
      const order = (process: number): readonly Commit[] => (process % 2 === 0 ? commits : commits.toReversed())
      const reports = await Promise.all(
        oneTo(processes).map((process) => given.playElsewhere({ part: 'repeat', commits: order(process), times: 3 })),
      )
      const deeds = reports.flatMap((report) => report.deeds)
      await storedOnce(given.store, commits, deeds)
      await foundAgain(await given.reopen(), commits, deeds)
    },
  },
]
