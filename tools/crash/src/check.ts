// The comparison of a store with the ledger, when no writer is left: everything that was acknowledged is there once and exactly,
// nothing is there in half, and of what nobody was told anything each commit is there whole or not at all.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReplay } from '@gesta/core/conformance/event-store-contention'
import type { EventStore, OpenBackend, StoredEvent, StoredHeader, StreamName } from '@gesta/core/ports'
import { createAuditCheck } from './audit-check.ts'
import { assertHeader, isStored } from './ledger.ts'
import type { Entry, Ledger } from './ledger.ts'
import { createViewCheck } from './view-check.ts'

/** Commits of which nobody was told anything when their process was ended. */
export interface Left {
  readonly whole: number
  readonly absent: number
}
export interface Check {
  readonly left: Left
  /** The version of a stream at the last look. */
  versionOf(tenant: string, stream: StreamName): number
  /** Looks at what has come since the last look. Throws an assertion error when something is not in order. */
  look(backend: OpenBackend): Promise<void>
  /** Reads everything once more, from the beginning. */
  lookAtAll(backend: OpenBackend): Promise<void>
}

const pageEvents = 5000

export function createCheck(ledger: Ledger): Check {
  const replay = createReplay()
  const view = createViewCheck()
  const auditing = createAuditCheck()
  const seen = createHash('sha256')
  const left = { whole: 0, absent: 0 }

  /** Takes the commits that have come, in their order, each with its events. */
  const takeNew = async (events: EventStore, found: readonly Found[]): Promise<void> => {
    const byCommit = Map.groupBy(await eventsAfter(events, replay.position), ({ commitNo }) => commitNo)
    for (const { entry, header } of found) {
      const own = byCommit.get(header.commitNo) ?? []
      const firstVersions = entry.said?.verdict === 'stored' ? entry.said.firstVersions : undefined
      replay.next(entry.commit, { ...header, firstVersions }, own)
      byCommit.delete(header.commitNo)
      entry.placed = header.commitNo
      for (const event of own) seen.update(JSON.stringify(event))
    }
    const [[commitNo, [event]] = [0, []]] = byCommit
    assert.ok(
      event === undefined,
      `Commit ${commitNo} has an event of ${event?.commandId}, which was not handed in, or was there before.`,
    )
    assert.equal(await events.head(), replay.position)
  }

  const look: Check['look'] = async ({ events, readModels, audit }) => {
    const entries = ledger.entries()
    const headers = await inBatches(entries, ({ commit }) => events.header(commit.tenant, commit.commandId))
    const found = entries.flatMap((entry, at) => {
      const header = headers[at]
      assertPresence(entry, header)
      if (entry.said === undefined && entry.placed === undefined) left[header === undefined ? 'absent' : 'whole'] += 1
      return header === undefined ? [] : [{ entry, header }]
    })
    const isNew = ({ entry }: Found): boolean => entry.placed === undefined
    const come = found.filter(isNew).toSorted((one, other) => one.header.commitNo - other.header.commitNo)
    await takeNew(events, come)
    await auditing.look(
      audit,
      come.map(({ entry }) => entry.commit),
    )
    await inBatches(found, (one) => assertBeside(events, one))
    await inBatches(entries, (entry) => assertKeyRefusal(events, entry))
    await assertVersions(events, entries, replay.versionOf)
    await view.look(readModels, events)
    for (const [at, entry] of entries.entries()) if (entry.said !== undefined) ledger.putAside(entry, headers[at])
  }

  return {
    left,
    versionOf: replay.versionOf,
    look,
    lookAtAll: async (backend) => {
      await look(backend)
      const again = createHash('sha256')
      let position = 0
      for (;;) {
        const page = await backend.events.readAll({ after: position, limit: pageEvents })
        for (const event of page) again.update(JSON.stringify(event))
        if (page.length === 0) break
        position = page.at(-1)?.position ?? position
      }
      assert.equal(position, replay.position)
      assert.equal(again.digest('hex'), seen.copy().digest('hex'), 'What was read once is not what is read now.')
      await assertCommandLog(backend, replay.commitNo)
      await auditing.lookAtAll(backend.audit)
    },
  }
}

interface Found {
  readonly entry: Entry
  readonly header: StoredHeader
}

/** Whether a commit must be there, must not, or may. */
function assertPresence({ commit, said, placed }: Entry, header: StoredHeader | undefined): void {
  const { commandId } = commit
  if (placed !== undefined)
    assert.equal(header?.commitNo, placed, `${commandId} was in the log, and has gone or moved.`)
  if (header !== undefined) assertHeader(header, commit)
  if (said === undefined) return
  assert.equal(
    header !== undefined,
    isStored(said),
    `${commandId} was told ${said.verdict}, and is ${header ? '' : 'not '}in the log.`,
  )
  if (said.verdict === 'stored')
    assert.deepEqual(
      [header?.commitNo, header?.position],
      [said.commitNo, said.position],
      `${commandId} lies elsewhere.`,
    )
}

/** What is stored with the events is there with them. */
async function assertBeside(events: EventStore, { entry: { commit }, header }: Found): Promise<void> {
  const { tenant, commandId, messages, jobs, audit, idempotency } = commit
  assert.deepEqual(await events.parts(tenant, commandId), { messages, jobs, audit }, `The parts of ${commandId}.`)
  if (idempotency === undefined) return
  const { sender, key, fingerprint } = idempotency
  const kept = await events.headerByKey({ tenant, sender, key, commandType: header.commandType })
  assert.deepEqual([kept?.header.commandId, kept?.fingerprint], [commandId, fingerprint], `The key of ${commandId}.`)
}

/** Who was refused for a key was told who has it. */
async function assertKeyRefusal(events: EventStore, { commit, said }: Entry): Promise<void> {
  if (said?.verdict !== 'duplicate' || said.by !== 'key') return
  const { sender = '', key = '' } = commit.idempotency ?? {}
  const kept = await events.headerByKey({ tenant: commit.tenant, sender, key, commandType: commit.header.commandType })
  assert.equal(kept?.header.commandId, said.header.commandId, `Who has the key of ${commit.commandId}.`)
}

async function assertVersions(
  events: EventStore,
  entries: readonly Entry[],
  versionOf: Check['versionOf'],
): Promise<void> {
  const streams = entries.flatMap(({ commit: { tenant, streams: written } }) =>
    written.map(({ aggregateType, aggregateId }) => ({ tenant, aggregateType, aggregateId })),
  )
  const versions = await events.versions(streams)
  for (const [at, stream] of streams.entries())
    assert.equal(versions[at], versionOf(stream.tenant, stream), `The version of ${stream.aggregateId}.`)
}

/** The command log has every commit, in the order of the numbers. */
async function assertCommandLog({ commandLog }: OpenBackend, commits: number): Promise<void> {
  let counted = 0
  let cursor: string | undefined
  do {
    const page = await commandLog.list({ order: 'oldest' }, { limit: 10_000, cursor })
    for (const { commitNo, commandId } of page.items)
      assert.equal(commitNo, (counted += 1), `The command log has a gap before ${commandId}.`)
    cursor = page.cursor
  } while (cursor !== undefined)
  assert.equal(counted, commits)
}

async function eventsAfter(events: EventStore, position: number): Promise<readonly StoredEvent[]> {
  const read: StoredEvent[] = []
  for (;;) {
    const page = await events.readAll({ after: read.at(-1)?.position ?? position, limit: pageEvents })
    if (page.length === 0) return read
    read.push(...page)
  }
}

/** Few at a time, so that a store with few connections answers all of them in time. */
async function inBatches<Item, Result>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += 64) results.push(...(await Promise.all(items.slice(at, at + 64).map(ask))))
  return results
}
