// An account of a log that knows nothing of the store: it takes the commits in their order, and insists that each could be stored at
// its place, and lies there whole and exactly as it was given. Whatever does not fit throws an assertion error.
import assert from 'node:assert/strict'
import { eventCount } from '../../stores/commit.ts'
import type { Commit, StreamName } from '../../stores/commit.ts'
import type { StoredEvent } from '../../stores/event/event-store.ts'
import { meets } from '../../stores/event/expectation.ts'

/** Where the store says that a commit lies. */
export interface CommitPlace {
  readonly commitNo: number
  readonly position: number
  /** As the caller was told; absent when no caller was. */
  readonly firstVersions?: readonly number[] | undefined
}
export interface Replay {
  readonly commitNo: number
  readonly position: number
  /** The version of a stream after the last commit; 0 when there is none. */
  versionOf(tenant: string, stream: StreamName): number
  /** The next commit of the order, with the events that the log shows for it. */
  next(commit: Commit, place: CommitPlace, events: readonly StoredEvent[]): void
}

export function createReplay(): Replay {
  const versions = new Map<string, number>()
  let commitNo = 0
  let position = 0
  const versionOf: Replay['versionOf'] = (tenant, stream) => versions.get(streamKey(tenant, stream)) ?? 0

  const checkConditions = ({ tenant, commandId, streams, reads }: Commit): void => {
    for (const stream of streams) {
      const actual = versionOf(tenant, stream)
      assert.ok(
        meets(stream.expectation, actual),
        `${commandId} expected ${stream.expectation} of ${stream.aggregateId}, and was stored at ${actual}.`,
      )
    }
    for (const read of reads) {
      const actual = versionOf(read.tenant ?? tenant, read)
      assert.equal(
        actual,
        read.version,
        `${commandId} was stored although ${read.aggregateId}, which it had read, moved.`,
      )
    }
  }
  /** The events as they must lie in the log. */
  const expected = ({ tenant, commandId, context, recordedAt, streams }: Commit): readonly StoredEvent[] => {
    const before = position
    return streams.flatMap(({ aggregateType, aggregateId, events }) =>
      events.map(({ type, schemaVersion, data }, at): StoredEvent => {
        const version = versionOf(tenant, { aggregateType, aggregateId }) + at + 1
        const name = { tenant, aggregateType, aggregateId, version, type, schemaVersion, data }
        position += 1
        return { position, commitNo, commandId, index: position - before - 1, ...name, context, recordedAt }
      }),
    )
  }

  return {
    get commitNo() {
      return commitNo
    },
    get position() {
      return position
    },
    versionOf,
    next: (commit, place, events) => {
      commitNo += 1
      assert.equal(place.commitNo, commitNo, `Commit numbers have a gap, or ${commit.commandId} was counted twice.`)
      checkConditions(commit)
      const first = commit.streams.map((stream) => versionOf(commit.tenant, stream) + 1)
      assert.deepEqual(events, expected(commit), `${commit.commandId} does not lie in the log as it was given.`)
      assert.equal(place.position, position, `${commit.commandId} ends elsewhere than its header says.`)
      if (place.firstVersions !== undefined) assert.deepEqual(place.firstVersions, first, commit.commandId)
      for (const stream of commit.streams)
        versions.set(streamKey(commit.tenant, stream), versionOf(commit.tenant, stream) + stream.events.length)
      assert.equal(events.length, eventCount(commit))
    },
  }
}

/** One text for a stream of a tenant: no key has a NUL. */
export function streamKey(tenant: string, { aggregateType, aggregateId }: StreamName): string {
  return `${tenant}\0${aggregateType}\0${aggregateId}`
}
