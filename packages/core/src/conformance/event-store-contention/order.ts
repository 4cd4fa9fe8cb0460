// One order, whoever writes and whoever reads: nothing is skipped, nothing is reordered, no half of a commit is seen.
import assert from 'node:assert/strict'
import type { StoredHeader } from '../../stores/commit.ts'
import { commit, oneTo, stored, stream, tenant, wholeLog } from '../event-store/given.ts'
import type { Deed } from './deed.ts'
import { attempt } from './deed.ts'
import { diceOf } from './dice.ts'
import { assertFollowed, endOfLog } from './follow.ts'
import type { ContentionCase, GivenContention, HeldEnd } from './given.ts'
import type { Part, PartReport } from './parts.ts'
import { checkStory } from './story.ts'

const group = 'order'
/** Pages of different sizes cut the log at different places. */
const limits = [1, 7, 500]

/** Lets followers read while `write` runs, and insists that they saw the log that everybody was told of. */
async function followed(
  { store }: GivenContention,
  follow: (part: Part) => Promise<PartReport>,
  write: () => Promise<readonly Deed[]>,
): Promise<void> {
  const following = Promise.all(limits.map((limit) => follow({ part: 'follow', limit })))
  const deeds = await write()
  const last = commit({ streams: [{ ...stream('end'), events: [{ type: endOfLog, schemaVersion: 1, data: '{}' }] }] })
  const log = await checkStory(store, [...deeds, await attempt(store, last, 0)])
  for (const { followed: seen } of await following) {
    assert.ok(seen)
    assertFollowed(seen, log)
  }
  assert.ok(deeds.some(({ said }) => said.verdict === 'conflict'))
}

const writers = 64
const processes = 4
const commitsOfLane = 12

/** Reads again and again while a transaction holds the order and commits wait for it. */
async function heldOrder(given: GivenContention, end: HeldEnd): Promise<void> {
  const { store } = given
  await stored(store, commit({ streams: [stream('a', 'any', ['1', '2'])] }))
  for (const turn of oneTo(3)) {
    const before = await wholeLog(store)
    const inHand = commit({ streams: [stream(`held-${turn}`)] })
    const held = await given.holdOrder(inHand)
    const waiting = Promise.all(
      oneTo(5).map((i) => stored(store, commit({ streams: [stream(`waiting-${turn}-${i}`)] }))),
    )
    try {
      for (const _ of oneTo(40 * given.effort)) assert.deepEqual(await wholeLog(store), before)
      assert.equal(await store.head(), before.length)
      assert.equal(await store.header(tenant, inHand.commandId), undefined)
    } finally {
      await held.release(end)
    }
    await waiting
    const log = await wholeLog(store)
    const own = end === 'commit' ? 1 : 0
    assert.deepEqual(
      log.map(({ position }) => position),
      oneTo(before.length + own + 5),
    )
    assert.equal(log[before.length]?.commandId === inHand.commandId, end === 'commit')
    assert.equal((await store.header(tenant, inHand.commandId)) !== undefined, end === 'commit')
  }
}

/** Writers, and beside them transactions that take the order for a moment and end in one of these ways. */
async function interrupted(given: GivenContention, ends: readonly HeldEnd[]): Promise<readonly Deed[]> {
  const { seed, effort, store, clock } = given
  let isWriting = true
  const write = async (): Promise<readonly Deed[]> => {
    const part = { part: 'write', name: 'here', lanes: writers, commits: commitsOfLane * effort, seed } as const
    try {
      return (await given.playHere(part)).deeds
    } finally {
      isWriting = false
    }
  }
  const interrupt = async (): Promise<readonly Deed[]> => {
    const dice = diceOf(seed)
    const deeds: Deed[] = []
    while (isWriting && deeds.length < 12 * effort) {
      const commandId = `outside-${deeds.length + 1}`
      const inHand = commit({ commandId, streams: [stream(commandId, 'noStream')] })
      const held = await given.holdOrder(inHand)
      await new Promise<void>((resolve) => clock.after(dice(4), resolve))
      await held.release(ends[dice(ends.length)] ?? 'roll back')
      const header = await store.header(tenant, commandId)
      deeds.push({ commit: inHand, said: header ? storedAs(header) : { verdict: 'withdrawn' }, after: 0 })
    }
    return deeds
  }
  return (await Promise.all([write(), interrupt()])).flat()
}

/** What the one who held the order would have been told. */
function storedAs({ commitNo, position }: StoredHeader): Deed['said'] {
  return { verdict: 'stored', commitNo, position, firstVersions: [1] }
}

export const orderCases: readonly ContentionCase[] = [
  {
    group,
    name: '64 writers in one process, and readers beside them: every reader sees the log, from its first event to its last',
    run: (given) =>
      followed(given, given.playHere, async () => {
        const { seed, effort } = given
        const commits = commitsOfLane * effort
        return (await given.playHere({ part: 'write', name: 'here', lanes: writers, commits, seed })).deeds
      }),
  },
  {
    group,
    needs: 'otherReaders',
    name: '64 writers in one process, and readers in others: every reader sees the log, from its first event to its last',
    run: (given) =>
      followed(given, given.playElsewhere, async () => {
        const { seed, effort } = given
        const commits = commitsOfLane * effort
        return (await given.playHere({ part: 'write', name: 'here', lanes: writers, commits, seed })).deeds
      }),
  },
  {
    group,
    needs: 'manyWriters',
    name: '64 writers in four processes, and readers in others: every reader sees the log, from its first event to its last',
    run: (given) =>
      followed(given, given.playElsewhere, async () => {
        const lanes = writers / processes
        const reports = await Promise.all(
          oneTo(processes).map((process) => {
            const seed = given.seed * processes + process
            return given.playElsewhere({
              part: 'write',
              name: `p${process}`,
              lanes,
              commits: commitsOfLane * given.effort,
              seed,
            })
          }),
        )
        return reports.flatMap(({ deeds }) => deeds)
      }),
  },
  {
    group,
    needs: 'heldOrder',
    name: 'while a transaction holds the order readers see what was before it; it is rolled back, and leaves no gap',
    run: (given) => heldOrder(given, 'roll back'),
  },
  {
    group,
    needs: 'manyWriters',
    name: 'while a transaction holds the order readers see what was before it; it is stored, and stands before those that waited',
    run: (given) => heldOrder(given, 'commit'),
  },
  {
    group,
    needs: 'heldOrder',
    name: '64 writers, and transactions in between that take the order and are rolled back: one log, without a gap',
    run: (given) => followed(given, given.playHere, () => interrupted(given, ['roll back'])),
  },
  {
    group,
    needs: 'manyWriters',
    name: '64 writers, and transactions in between that take the order and are rolled back or stored: one log, without a gap',
    run: (given) => followed(given, given.playHere, () => interrupted(given, ['roll back', 'commit'])),
  },
]
