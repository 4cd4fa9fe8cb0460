// Whether everything that the callers of a store were told makes one story together with its log: there is an order of all commits,
// that of the log, in which each of them would have been told just that.
import assert from 'node:assert/strict'
import type { Commit, Receipt, Verdict } from '../../stores/commit.ts'
import type { EventStore, StoredEvent } from '../../stores/event/event-store.ts'
import { conflictOf, meets } from '../../stores/event/expectation.ts'
import { wholeLog } from '../event-store/given.ts'
import type { Deed, Said } from './deed.ts'
import { createReplay, streamKey } from './replay.ts'

interface StoredDeed {
  readonly commit: Commit
  readonly said: Receipt
}
/** What a stream's version was, from each commit number on. */
type History = readonly (readonly [commitNo: number, version: number])[]

/** `deeds` must hold all that was ever stored. Returns the log. */
export async function checkStory(store: EventStore, deeds: readonly Deed[]): Promise<readonly StoredEvent[]> {
  const log = await wholeLog(store)
  const stored = storedOf(deeds)
  const histories = replayed(stored, log)
  const byCommand = new Map(stored.map((deed) => [`${deed.commit.tenant}\0${deed.commit.commandId}`, deed]))
  for (const { commit, said, after } of deeds) {
    const own = byCommand.get(`${commit.tenant}\0${commit.commandId}`)
    switch (said.verdict) {
      case 'stored':
        assert.equal(own?.said.commitNo, said.commitNo, `${commit.commandId} was stored twice.`)
        break
      case 'conflict':
        assertExplained(commit, said, after, histories)
        break
      case 'duplicate':
        assertRepeats(commit, said, stored)
        break
      default:
        if (own === undefined) await assertAbsent(store, commit)
    }
  }
  return log
}

function storedOf(deeds: readonly Deed[]): readonly StoredDeed[] {
  return deeds
    .flatMap(({ commit, said }) => (said.verdict === 'stored' ? [{ commit, said }] : []))
    .sort((one, other) => one.said.commitNo - other.said.commitNo)
}

/** Takes the stored commits in their order; the log holds them and nothing else. */
function replayed(stored: readonly StoredDeed[], log: readonly StoredEvent[]): ReadonlyMap<string, History> {
  const replay = createReplay()
  const histories = new Map<string, (readonly [number, number])[]>()
  let read = 0
  for (const { commit, said } of stored) {
    const events: StoredEvent[] = []
    for (let event = log[read]; event?.commitNo === said.commitNo; event = log[read]) {
      events.push(event)
      read += 1
    }
    replay.next(commit, said, events)
    for (const stream of commit.streams) {
      const key = streamKey(commit.tenant, stream)
      const history = histories.get(key) ?? []
      history.push([said.commitNo, replay.versionOf(commit.tenant, stream)])
      histories.set(key, history)
    }
  }
  assert.equal(read, log.length, `The log holds ${log[read]?.commandId}, of which nobody was told.`)
  return histories
}

/** A conflict must be what the commit would have been told at some moment after it was handed in. */
function assertExplained(commit: Commit, said: Said, after: number, histories: ReadonlyMap<string, History>): void {
  const named = [...commit.streams, ...commit.reads]
  const moments = named.flatMap((stream) => (histories.get(streamKey(commit.tenant, stream)) ?? []).map(([at]) => at))
  const told = JSON.stringify(said)
  const explained = [after, ...moments].some(
    (moment) => moment >= after && JSON.stringify(conflictAt(commit, moment, histories)) === told,
  )
  assert.ok(explained, `Nothing explains what ${commit.commandId} was told: ${told}`)
}

function conflictAt(commit: Commit, moment: number, histories: ReadonlyMap<string, History>): Verdict | undefined {
  const versionAt = (stream: Commit['reads'][number] | Commit['streams'][number]): number =>
    histories.get(streamKey(commit.tenant, stream))?.findLast(([commitNo]) => commitNo <= moment)?.[1] ?? 0
  for (const stream of commit.streams) {
    const actual = versionAt(stream)
    if (!meets(stream.expectation, actual)) return conflictOf(stream, stream.expectation, actual)
  }
  for (const read of commit.reads) {
    const actual = versionAt(read)
    if (actual !== read.version) return conflictOf(read, read.version, actual)
  }
  return undefined
}

function assertRepeats(
  commit: Commit,
  said: Extract<Verdict, { verdict: 'duplicate' }>,
  stored: readonly StoredDeed[],
): void {
  const { by, header, fingerprint } = said
  const first = stored[header.commitNo - 1]
  assert.ok(first !== undefined, `${commit.commandId} is said to repeat a commit that is not there.`)
  const { commandId, tenant, recordedAt, context } = first.commit
  assert.deepEqual(
    [header.commandId, header.tenant, header.recordedAt, header.context, header.position, header.answer],
    [commandId, tenant, recordedAt, context, first.said.position, first.commit.header.answer],
  )
  assert.equal(tenant, commit.tenant)
  if (by === 'command') assert.equal(commandId, commit.commandId)
  else {
    const { sender, key } = commit.idempotency ?? {}
    assert.deepEqual([first.commit.idempotency?.sender, first.commit.idempotency?.key], [sender, key])
    assert.equal(first.commit.header.commandType, commit.header.commandType)
    assert.equal(fingerprint, first.commit.idempotency?.fingerprint)
  }
}

async function assertAbsent(store: EventStore, { tenant, commandId }: Commit): Promise<void> {
  // What has no valid key cannot be looked up, and the log was read whole.
  if (commandId === '' || commandId.includes('\0')) return
  assert.equal(await store.header(tenant, commandId), undefined, `${commandId} was not stored, and is there.`)
}
