// Appending a group: one transaction, one flush of the disk, one verdict per commit. Runs in the writer thread.
import { conflictOf, eventCount, GestaError, meets } from '@gesta/core/ports'
import type { Commit, Verdict } from '@gesta/core/ports'
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import { createLogHeads } from './log-heads.ts'
import { readHeader, readHeaderByKey, toHeader } from './log-rows.ts'
import { isIoError, storeError } from './sqlite-errors.ts'

const insertCommit = `INSERT INTO commits (commit_no, tenant, command_id, command_type, outcome, answer, version, fingerprint, context, recorded_at, position, event_count)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, command_id) DO NOTHING`
const insertEvent = `INSERT INTO events (position, commit_no, idx, tenant, aggregate_type, aggregate_id, version, type, schema_version, data)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const insertKey =
  'INSERT INTO idempotency (tenant, sender, command_type, key, commit_no, fingerprint) VALUES (?, ?, ?, ?, ?, ?)'
const insertMessage = 'INSERT INTO outbox (commit_no, idx, type, schema_version, data) VALUES (?, ?, ?, ?, ?)'
const insertJob = 'INSERT INTO jobs (commit_no, idx, type, data) VALUES (?, ?, ?, ?)'
const insertAudit = 'INSERT INTO audit (commit_no, idx, action, data) VALUES (?, ?, ?, ?)'
/** The first version in each stream of a commit, in the order in which they were given. */
const readFirstVersions =
  'SELECT min(version) FROM events WHERE position > ? AND position <= ? GROUP BY aggregate_type, aggregate_id ORDER BY min(position)'

export interface Appender {
  /**
   * Stores a group. `again`: an earlier attempt may have stored it, so a commit that is found as it was given is `stored`, not a duplicate.
   * Throws when nothing was stored, or `outcome_unknown`.
   */
  append(group: readonly Commit[], again: boolean): readonly Verdict[]
  close(): void
}

/** An appender on a connection that it opens for the first group, and again after an I/O error. `path` is for errors. */
export function createAppender(open: () => Database, path: string): Appender {
  // None before the first group, and none while it cannot be opened again: the next group tries.
  let connection: Appender | undefined
  const disconnect = (): void => {
    const left = connection
    connection = undefined
    left?.close()
  }
  return {
    append: (group, again) => {
      try {
        connection ??= connectTo(open())
        return connection.append(group, again)
      } catch (error) {
        if (!(error instanceof CommitFailed)) throw storeError(error, path)
        // Whether the group is on disk cannot be known from here: only appending it again under the same ids can tell.
        try {
          disconnect()
          connection = connectTo(open())
          return connection.append(group, true)
        } catch (cause) {
          const message = `Expected ${path} to say whether the commits were stored, but the disk failed while they were written. Look at the disk, then send the commands again under the same ids.`
          throw new GestaError('outcome_unknown', message, { cause, facts: { path } })
        }
      }
    },
    close: disconnect,
  }
}

/** COMMIT ended in an I/O error: the group may be stored or not. */
class CommitFailed extends Error {}

function connectTo(db: Database): Appender {
  try {
    return connect(db)
  } catch (error) {
    db.close()
    throw error
  }
}

function connect(db: Database): Appender {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const end = db.prepare('COMMIT')
  const heads = createLogHeads(db)
  const findHeader = prepareRows(db, readHeader)
  const findByKey = prepareRows(db, readHeaderByKey)
  const findFirstVersions = prepareRows(db, readFirstVersions)
  const addCommit = db.prepare(insertCommit)
  const addEvent = db.prepare(insertEvent)
  const addKey = db.prepare(insertKey)
  const addMessage = db.prepare(insertMessage)
  const addJob = db.prepare(insertJob)
  const addAudit = db.prepare(insertAudit)

  const append = (group: readonly Commit[], again: boolean): readonly Verdict[] => {
    begin.run()
    const verdicts: Verdict[] = []
    try {
      for (const commit of group) verdicts.push(appendCommit(commit, again))
    } catch (error) {
      takeBack()
      throw error
    }
    try {
      end.run()
    } catch (error) {
      takeBack()
      throw isIoError(error) ? new CommitFailed('COMMIT failed', { cause: error }) : error
    }
    return verdicts
  }

  const takeBack = (): void => {
    rollBack(db)
    heads.forget()
  }

  /** All checks, then all rows. The unique index on the command id is the first check, but it is asked last: repetitions are rare. */
  const appendCommit = (commit: Commit, again: boolean): Verdict => {
    const { tenant, commandId, context, recordedAt, streams, reads, header, idempotency } = commit
    if (idempotency !== undefined) {
      const row = firstRow(findByKey, tenant, idempotency.sender, header.commandType, idempotency.key)
      if (row !== undefined)
        return (
          repeated(commit, again) ?? {
            verdict: 'duplicate',
            by: 'key',
            header: toHeader(row),
            fingerprint: String(row[12]),
          }
        )
    }
    const versions: number[] = []
    for (const stream of streams) {
      const actual = heads.versionOf(tenant, stream)
      if (!meets(stream.expectation, actual))
        return repeated(commit, again) ?? conflictOf(stream, stream.expectation, actual)
      versions.push(actual)
    }
    for (const read of reads) {
      const actual = heads.versionOf(tenant, read)
      if (actual !== read.version) return repeated(commit, again) ?? conflictOf(read, read.version, actual)
    }
    const count = eventCount(commit)
    const before = heads.last
    const commitNo = before.commitNo + 1
    const position = before.position + count
    const { changes } = addCommit.run(
      commitNo,
      tenant,
      commandId,
      header.commandType,
      header.outcome,
      header.answer ?? null,
      header.version ?? null,
      header.fingerprint ?? null,
      context,
      recordedAt,
      position,
      count,
    )
    if (changes === 0) return repeated(commit, again) as Verdict
    addRows(commit, commitNo, before.position, versions)
    heads.grew({ commitNo, position })
    return { verdict: 'stored', commitNo, position, firstVersions: versions.map((version) => version + 1) }
  }

  const addRows = (
    { tenant, streams, header, idempotency, messages, jobs, audit }: Commit,
    commitNo: number,
    before: number,
    versions: readonly number[],
  ): void => {
    let index = 0
    for (const [at, stream] of streams.entries()) {
      const { aggregateType, aggregateId, events } = stream
      let version = versions[at] as number
      for (const { type, schemaVersion, data } of events) {
        version += 1
        addEvent.run(
          before + index + 1,
          commitNo,
          index,
          tenant,
          aggregateType,
          aggregateId,
          version,
          type,
          schemaVersion,
          data,
        )
        index += 1
      }
      heads.moved(tenant, stream, version)
    }
    if (idempotency !== undefined)
      addKey.run(tenant, idempotency.sender, header.commandType, idempotency.key, commitNo, idempotency.fingerprint)
    for (const [at, { type, schemaVersion, data }] of messages.entries())
      addMessage.run(commitNo, at, type, schemaVersion, data)
    for (const [at, { type, data }] of jobs.entries()) addJob.run(commitNo, at, type, data)
    for (const [at, { action, data }] of audit.entries()) addAudit.run(commitNo, at, action, data)
  }

  /** The verdict on a commit whose command id is stored already; `undefined` when it is not. */
  const repeated = (commit: Commit, again: boolean): Verdict | undefined => {
    const row = firstRow(findHeader, commit.tenant, commit.commandId)
    if (row === undefined) return undefined
    const header = toHeader(row)
    const { commitNo, position } = header
    const own =
      again &&
      header.recordedAt === commit.recordedAt &&
      header.outcome === commit.header.outcome &&
      header.context === commit.context &&
      header.eventCount === eventCount(commit)
    if (!own) return { verdict: 'duplicate', by: 'command', header, fingerprint: header.fingerprint }
    const firstVersions = allRows(findFirstVersions, position - header.eventCount, position).map(([version]) =>
      Number(version),
    )
    return { verdict: 'stored', commitNo, position, firstVersions }
  }

  return { append, close: () => db.close() }
}

/** Some errors end the transaction by themselves, so a failing ROLLBACK says nothing new. */
function rollBack(db: Database): void {
  try {
    if (db.isTransaction) db.exec('ROLLBACK')
  } catch {
    return
  }
}
