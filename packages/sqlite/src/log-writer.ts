// What is written over one connection: groups of commits, and the rare changes of what is stored. Each is one transaction, which
// begins with the head lock and ends with one flush of the disk. Runs in the writer thread.
import { conflictOf, correlationIdOf, deletedEventType, eventCount, isHeaderOf, meets } from '@gesta/core/ports'
import type { EventRewrite, LogIdentity, Verdict } from '@gesta/core/ports'
import { createAuditWriter } from './audit-writer.ts'
import { createCommandWriter } from './command-changes.ts'
import type { CommandChange } from './command-changes.ts'
import { writtenCommit } from './commit-cells.ts'
import type { WrittenCommit } from './commit-cells.ts'
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import type { SentExchange, SentExchanged } from './job-cells.ts'
import { createJobWriter } from './job-writer.ts'
import type { JobsChange } from './job-writer.ts'
import { createLogHeads } from './log-heads.ts'
import { headerCells, readHeader, readHeaderByKey, toHeader } from './log-rows.ts'
import { createOutboxWriter } from './outbox-writer.ts'
import type { OutboxChange } from './outbox-writer.ts'
import { emptyLog, identify } from './reset-log.ts'
import { isIoError } from './sqlite-errors.ts'

const insertCommit = `INSERT INTO commits (commit_no, tenant, command_id, command_type, outcome, answer, version, fingerprint, correlation_id, context, recorded_at, position, event_count, detail, payload)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, command_id) DO NOTHING`
const insertEvent = `INSERT INTO events (position, commit_no, idx, tenant, aggregate_type, aggregate_id, version, type, schema_version, data)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const insertKey =
  'INSERT INTO idempotency (tenant, sender, command_type, key, commit_no, fingerprint) VALUES (?, ?, ?, ?, ?, ?)'
const insertMessage = 'INSERT INTO outbox (commit_no, idx, key, type, schema_version, data) VALUES (?, ?, ?, ?, ?, ?)'
const insertJob = 'INSERT INTO jobs (commit_no, idx, type, data, terms) VALUES (?, ?, ?, ?, ?)'
/** The first version in each stream of a commit, in the order in which they were given. */
const readFirstVersions =
  'SELECT min(version) FROM events WHERE position > ? AND position <= ? GROUP BY aggregate_type, aggregate_id ORDER BY min(position)'

/** Finds no row when the event does not exist or was deleted before. The type stays when none is given. */
const updateEvent = `UPDATE events SET type = coalesce(?, type), data = ? WHERE type <> '${deletedEventType}' AND position =
  (SELECT c.position - c.event_count + 1 + ? FROM commits c WHERE c.tenant = ? AND c.command_id = ? AND ? < c.event_count)`

/** Each has an answer of its own; see where it is made. */
export type LogChange = OutboxChange | CommandChange | JobsChange

/** COMMIT ended in an I/O error: what was written may be stored or not. */
export class CommitFailed extends Error {}

/**
 * `again`: an earlier attempt may have stored it, so a commit that is found as it was given is `stored`, not a duplicate.
 * All throw when nothing was stored, or `CommitFailed`.
 */
export interface LogWriter {
  append(group: readonly WrittenCommit[], again: boolean): readonly Verdict[]
  /** Changes an event and stores the record, or does neither; `undefined`: there is no such event. */
  rewrite(rewrite: EventRewrite, again: boolean): Verdict | undefined
  /** Changes the outbox or the command log. Nobody waits for the disk because of a settlement, or of messages that are removed. */
  change(change: LogChange, again: boolean): number
  /** One step of a worker of jobs; a power cut can take the last ones. Throws when it is asked for again: what the first one did is not known. */
  exchange(exchange: SentExchange, again: boolean): SentExchanged
  /** Empties the log and gives it this identity. */
  reset(identity: LogIdentity): void
  fork(identity: LogIdentity): void
  close(): void
}

/** Writes over this connection, which is closed with it, and also when its statements cannot be prepared. */
export function createLogWriter(db: Database): LogWriter {
  try {
    return prepareWriter(db)
  } catch (error) {
    db.close()
    throw error
  }
}

function prepareWriter(db: Database): LogWriter {
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
  const audit = createAuditWriter(db)
  const changeEvent = db.prepare(updateEvent)
  const changeOutbox = createOutboxWriter(db)
  const changeCommands = createCommandWriter(db)
  const jobWriter = createJobWriter(db)
  const synchronous = Number(firstRow(prepareRows(db, 'PRAGMA synchronous'))?.[0])

  const inTransaction = <Result>(run: () => Result): Result => {
    begin.run()
    let result: Result
    try {
      result = run()
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
    return result
  }

  /** A power cut can take the transaction, though never tear the file. */
  const withoutDisk = <Result>(run: () => Result): Result => {
    db.exec('PRAGMA synchronous = NORMAL')
    try {
      return run()
    } finally {
      db.exec(`PRAGMA synchronous = ${synchronous}`)
    }
  }

  const takeBack = (): void => {
    rollBack(db)
    heads.forget()
    audit.forget()
    jobWriter.forget()
  }

  /** All checks, then all rows. The unique index on the command id is the first check, but it is asked last: repetitions are rare. */
  const appendCommit = (commit: WrittenCommit, again: boolean): Verdict => {
    const { tenant, commandId, context, recordedAt, streams, reads, header, idempotency } = commit
    if (idempotency !== undefined) {
      const row = firstRow(findByKey, tenant, idempotency.sender, header.commandType, idempotency.key)
      if (row !== undefined)
        return (
          repeated(commit, again) ?? {
            verdict: 'duplicate',
            by: 'key',
            header: toHeader(row),
            fingerprint: String(row[headerCells]),
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
      const actual = heads.versionOf(read.tenant ?? tenant, read)
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
      correlationIdOf(context) ?? null,
      context,
      recordedAt,
      position,
      count,
      commit.detailText ?? null,
      commit.payload ?? null,
    )
    if (changes === 0) return repeated(commit, again) as Verdict
    addRows(commit, commitNo, before.position, versions)
    audit.add(commit)
    heads.grew({ commitNo, position })
    return { verdict: 'stored', commitNo, position, firstVersions: versions.map((version) => version + 1) }
  }

  const addRows = (
    { tenant, streams, header, idempotency, messages, jobs }: WrittenCommit,
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
    for (const [at, { key, type, schemaVersion, data }] of messages.entries())
      addMessage.run(commitNo, at, key, type, schemaVersion, data)
    for (const [at, { type, data, terms }] of jobs.entries()) addJob.run(commitNo, at, type, data, terms ?? null)
  }

  /** The verdict on a commit whose command id is stored already; `undefined` when it is not. */
  const repeated = (commit: WrittenCommit, again: boolean): Verdict | undefined => {
    const row = firstRow(findHeader, commit.tenant, commit.commandId)
    if (row === undefined) return undefined
    const header = toHeader(row)
    const { commitNo, position } = header
    if (!again || !isHeaderOf(header, commit))
      return { verdict: 'duplicate', by: 'command', header, fingerprint: header.fingerprint }
    const firstVersions = allRows(findFirstVersions, position - header.eventCount, position).map(([version]) =>
      Number(version),
    )
    return { verdict: 'stored', commitNo, position, firstVersions }
  }

  const rewrite = ({ tenant, commandId, index, data, record }: EventRewrite, again: boolean): Verdict => {
    const { commitNo } = heads.last
    const verdict = appendCommit(writtenCommit(record), again)
    // A record of an earlier attempt was stored with the change.
    if (verdict.verdict !== 'stored' || verdict.commitNo <= commitNo) return verdict
    const [type, text] = data === undefined ? [deletedEventType, 'null'] : [null, data]
    const { changes } = changeEvent.run(type, text, index, tenant, commandId, index)
    if (changes === 0) throw new NoSuchEvent()
    return verdict
  }

  return {
    append: (group, again) => inTransaction(() => group.map((commit) => appendCommit(commit, again))),
    rewrite: (given, again) => {
      try {
        return inTransaction(() => rewrite(given, again))
      } catch (error) {
        if (error instanceof NoSuchEvent) return undefined
        throw error
      }
    },
    change: (change, again) => {
      const apply = (): number => {
        if (isOfCommands(change)) return changeCommands(change)
        return isOfJobs(change) ? jobWriter.change(change) : changeOutbox(change, again)
      }
      return waitsForDisk(change) ? inTransaction(apply) : withoutDisk(() => inTransaction(apply))
    },
    exchange: (exchange, again) => {
      if (again) throw new Error('Expected an exchange of jobs once: what an earlier attempt did is not known.')
      return withoutDisk(() => inTransaction(() => jobWriter.exchange(exchange)))
    },
    reset: (identity) => {
      inTransaction(() => emptyLog(db, identity))
      heads.forget()
      jobWriter.forget()
    },
    fork: (identity) => inTransaction(() => identify(db, identity)),
    close: () => db.close(),
  }
}

function isOfCommands(change: LogChange): change is CommandChange {
  return change.change === 'redact' || 'commitNos' in change
}

function isOfJobs(change: LogChange): change is JobsChange {
  return change.change === 'jobs' || change.change === 'pauseQueue' || change.change === 'pruneJobs'
}

/** Settlements and what is removed come again when they are lost. */
function waitsForDisk({ change }: LogChange): boolean {
  return change !== 'settle' && change !== 'prune' && change !== 'pruneJobs'
}

/** Takes a rewriting back. */
class NoSuchEvent extends Error {}

/** Some errors end the transaction by themselves, so a failing ROLLBACK says nothing new. */
function rollBack(db: Database): void {
  try {
    if (db.isTransaction) db.exec('ROLLBACK')
  } catch {
    return
  }
}
