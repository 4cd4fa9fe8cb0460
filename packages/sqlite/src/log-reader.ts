// Reads of the log over one connection: the main thread uses the short ones, the reader thread the long ones.
import type {
  CommitParts,
  EventKey,
  IdempotencyScope,
  ReadAll,
  ReadStream,
  ReadTails,
  StoredEvent,
  StoredHeader,
  TenantStream,
} from '@gesta/core/ports'
import { pageLimit } from '@gesta/core/ports'
import { auditAt, readAuditOf } from './audit-rows.ts'
import { allRows, eachRow, firstRow, prepareRows } from './database.ts'
import type { Database, Row } from './database.ts'
import * as sql from './log-rows.ts'

/** Characters of data after which a page ends: one of a stream at once, one of the log at the next commit boundary. */
const pageCharacters = 8_388_608

export interface LogReader {
  readStream(read: ReadStream): readonly Row[]
  readTails(read: ReadTails): readonly (readonly Row[])[]
  readAll(read: ReadAll): readonly Row[]
  versions(streams: readonly TenantStream[]): readonly number[]
  head(): number
  header(tenant: string, commandId: string): StoredHeader | undefined
  headerByKey(key: IdempotencyScope): { readonly header: StoredHeader; readonly fingerprint: string } | undefined
  /** As cells of a record. */
  record(tenant: string, commandId: string): Row | undefined
  parts(tenant: string, commandId: string): CommitParts | undefined
  event(key: EventKey): StoredEvent | undefined
  extent(): { readonly events: number; readonly commits: number; readonly bytes: number }
  close(): void
}

export function createLogReader(db: Database): LogReader {
  const forwards = prepareRows(db, sql.readStreamForwards)
  const backwards = prepareRows(db, sql.readStreamBackwards)
  const after = prepareRows(db, sql.readAllAfter)
  const version = prepareRows(db, sql.readVersion)
  const head = prepareRows(db, sql.readHead)
  const header = prepareRows(db, sql.readHeader)
  const headerByKey = prepareRows(db, sql.readHeaderByKey)
  const record = prepareRows(db, sql.readRecord)
  const messages = prepareRows(db, sql.readMessages)
  const jobs = prepareRows(db, sql.readJobs)
  const audit = prepareRows(db, readAuditOf)
  const event = prepareRows(db, sql.readEvent)
  const extent = prepareRows(db, sql.readExtent)
  const versionOf = ({ tenant, aggregateType, aggregateId }: TenantStream): number =>
    Number(firstRow(version, tenant, aggregateType, aggregateId)?.[0])
  /** One transaction, so that what is read of several streams is of one moment. */
  const atOneMoment = <Found>(streams: readonly TenantStream[], read: (stream: TenantStream) => Found): Found[] => {
    if (streams.length < 2) return streams.map(read)
    db.exec('BEGIN')
    try {
      return streams.map(read)
    } finally {
      db.exec('COMMIT')
    }
  }

  return {
    readStream: ({ tenant, aggregateType, aggregateId, after: exclusive, backwards: down, limit }) => {
      const count = pageLimit(limit, 100)
      const from = exclusive ?? (down === true ? Number.MAX_SAFE_INTEGER : 0)
      const statement = down === true ? backwards : forwards
      const rows: Row[] = []
      let characters = 0
      for (const row of eachRow(statement, tenant, aggregateType, aggregateId, from, count)) {
        rows.push(row)
        characters += String(row[10]).length
        if (characters >= pageCharacters) break
      }
      return rows
    },
    readTails: ({ streams, limit, before = Number.MAX_SAFE_INTEGER }) =>
      atOneMoment(streams, ({ tenant, aggregateType, aggregateId }) =>
        allRows(backwards, tenant, aggregateType, aggregateId, before, limit),
      ),
    readAll: ({ after: exclusive, limit }) => {
      const count = pageLimit(limit, 1000)
      const rows: Row[] = []
      let characters = 0
      for (const row of eachRow(after, exclusive)) {
        rows.push(row)
        characters += String(row[10]).length
        const endOfCommit = row[0] === row[13]
        if (endOfCommit && (rows.length >= count || characters >= pageCharacters)) break
      }
      return rows
    },
    versions: (streams) => atOneMoment(streams, versionOf),
    head: () => Number(firstRow(head)?.[0]),
    header: (tenant, commandId) => {
      const row = firstRow(header, tenant, commandId)
      return row && sql.toHeader(row)
    },
    headerByKey: ({ tenant, sender, commandType, key }) => {
      const row = firstRow(headerByKey, tenant, sender, commandType, key)
      return row && { header: sql.toHeader(row), fingerprint: String(row[sql.headerCells]) }
    },
    record: (tenant, commandId) => firstRow(record, tenant, commandId),
    parts: (tenant, commandId) => {
      const commitNo = firstRow(header, tenant, commandId)?.[7]
      if (commitNo === undefined || commitNo === null) return undefined
      return {
        messages: allRows(messages, commitNo).map(
          ([key, type, schemaVersion, data]) => ({ key, type, schemaVersion, data }) as CommitParts['messages'][number],
        ),
        jobs: allRows(jobs, commitNo).map(
          ([type, data, terms]) => ({ type, data, ...(terms !== null && { terms }) }) as CommitParts['jobs'][number],
        ),
        audit: allRows(audit, tenant, commandId).map((row) => {
          const { action, actor, resource, outcome, data } = auditAt(row, 0)
          return { action, actor, resource, outcome, data }
        }),
      }
    },
    event: ({ tenant, commandId, index }) => {
      const row = firstRow(event, index, tenant, commandId, index)
      return row && sql.toEvent(row)
    },
    extent: () => {
      const [events, commits, bytes] = (firstRow(extent) ?? []).map(Number)
      return { events: events ?? 0, commits: commits ?? 0, bytes: bytes ?? 0 }
    },
    close: () => db.close(),
  }
}
