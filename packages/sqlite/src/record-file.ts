// The file of a command log of its own. A record is on disk before it is acknowledged; what is redacted or purged is overwritten.
import type { AskedPage, CommandFilter, LogIdentity, Purge } from '@gesta/core/ports'
import { allOf, createStatements } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { allRows, eachRow, firstRow } from './database.ts'
import type { Cell, Database, Row } from './database.ts'
import { records } from './migrations/command-log/0001-records.ts'
import { listConditions, narrowing, purgeConditions, seqColumn } from './record-conditions.ts'
import type { RecordWay } from './record-conditions.ts'
import { shortPage } from './short-page.ts'
import type { ShortPage } from './short-page.ts'
import { emptyWriteAheadLog, fileBytes, overwriteRemoved, transaction } from './side-file.ts'
import type { SideFile } from './side-file.ts'

/** A record as its row holds it. */
export interface NewRecord {
  readonly tenant: string
  readonly commandId: string
  readonly commandType: string
  readonly status: string
  readonly correlationId: string | null
  readonly sender: string | null
  readonly recordedAt: number
  readonly codec: string
  readonly record: Uint8Array
  readonly payload: string | null
}
export interface KeptRecord {
  readonly seq: number
  readonly codec: string
  readonly record: Uint8Array
  readonly payload: string | undefined
}
export interface RecordOperations {
  /** The identity that the log has; the given one when it has none. */
  identity(given: LogIdentity): LogIdentity
  record(given: readonly NewRecord[]): void
  get(tenant: string, commandId: string): KeptRecord | undefined
  list(
    filter: CommandFilter,
    asked: AskedPage<readonly [number]>,
  ): ShortPage<KeptRecord> & { readonly total: number | undefined }
  total(filter: CommandFilter): number
  /** Replaces what is kept without its payload, unless it has changed meanwhile. */
  redact(kept: KeptRecord, record: Uint8Array, codec: string): boolean
  /** The places of the oldest records that a purge forgets. */
  old(purge: Purge): readonly number[]
  purge(seqs: readonly number[], purge: Purge): number
  fileBytes(): number
}

/** Rows that are sorted rather than met. */
const fewMax = 10_000
const columns = 'seq, codec, record, payload'
const writeRecord = `INSERT INTO command_log (tenant, command_id, command_type, status, correlation_id, sender, recorded_at, codec, record, payload)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, command_id) DO UPDATE SET command_type = excluded.command_type,
  status = excluded.status, correlation_id = excluded.correlation_id, sender = excluded.sender, recorded_at = excluded.recorded_at,
  codec = excluded.codec, record = excluded.record, payload = excluded.payload WHERE status = 'started' AND excluded.status <> 'started'`
const readRecord = `SELECT ${columns} FROM command_log WHERE tenant = ? AND command_id = ?`
const redactRecord =
  'UPDATE command_log SET codec = ?, record = ?, payload = NULL WHERE seq = ? AND codec = ? AND record = ? AND payload IS ?'
const readIdentity = 'SELECT incarnation, secret FROM identity'
const writeIdentity = 'INSERT INTO identity (id, incarnation, secret) VALUES (1, ?, ?) ON CONFLICT DO NOTHING'

export const recordFile: SideFile<RecordOperations> = {
  kind: {
    applicationId: 0x67657372,
    what: 'a file of command records of gesta',
    next: 'Choose another path, or move the file away: a new one is made.',
  },
  modules: [{ name: 'command-log', migrations: [records] }],
  settings: 'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON',
  operations: prepareOperations,
}

function prepareOperations(db: Database): RecordOperations {
  const statement = createStatements(db)
  const write = statement(writeRecord)
  const redact = statement(redactRecord)
  const count = (from: string, { sql, values }: Condition): number =>
    Number(firstRow(statement(`SELECT count(*) FROM ${from} WHERE ${sql}`), ...values)?.[0])
  const isFew = (where: Condition | undefined): boolean => {
    if (where === undefined) return false
    const some = `(SELECT 1 FROM command_log WHERE ${where.sql} LIMIT ${fewMax + 1})`
    return count(some, { sql: 'true', values: where.values }) <= fewMax
  }
  const wayOf = (filter: CommandFilter): RecordWay => {
    if (filter.correlationId !== undefined) return 'correlation'
    const few = (['tenant', 'time'] as const).find((way) => isFew(narrowing(filter, way)))
    return few ?? (filter.commandType === undefined ? 'order' : 'type')
  }
  const total = (filter: CommandFilter): number => count('command_log', allOf(listConditions(filter, wayOf(filter))))

  return {
    identity: (given) => {
      statement(writeIdentity).run(given.incarnation, given.secret)
      const [incarnation, secret] = firstRow(statement(readIdentity)) as Row
      return { incarnation: String(incarnation), secret: String(secret) }
    },
    record: (given) =>
      transaction(db, () => {
        for (const one of given)
          write.run(
            one.tenant,
            one.commandId,
            one.commandType,
            one.status,
            one.correlationId,
            one.sender,
            one.recordedAt,
            one.codec,
            one.record,
            one.payload,
          )
      }),
    get: (tenant, commandId) => {
      const row = firstRow(statement(readRecord), tenant, commandId)
      return row && toRecord(row)
    },
    list: (filter, { after, offset, limit, withTotal }) => {
      const oldest = filter.order === 'oldest'
      const way = wayOf(filter)
      const seq = seqColumn(way)
      const behind = after && { sql: `${seq} ${oldest ? '>' : '<'} ?`, values: after }
      const { sql, values } = allOf([...listConditions(filter, way), behind])
      const query = `SELECT ${columns} FROM command_log WHERE ${sql} ORDER BY ${seq}${oldest ? '' : ' DESC'} LIMIT ? OFFSET ?`
      const rows = eachRow(statement(query), ...values, limit + 1, offset)
      const page = shortPage(rows, limit, toRecord, ({ record, payload = '' }) => record.length + payload.length)
      return { ...page, total: withTotal ? total(filter) : undefined }
    },
    total,
    redact: (kept, record, codec) => {
      const { changes } = redact.run(codec, record, kept.seq, kept.codec, kept.record, kept.payload ?? null)
      if (changes > 0) overwriteRemoved(db)
      return changes > 0
    },
    old: ({ limit, ...purge }) => {
      const { sql, values } = purgeConditions(purge)
      const query = `SELECT seq FROM command_log WHERE ${sql} ORDER BY recorded_at, seq LIMIT ?`
      return allRows(statement(query), ...values, limit).map(([seq]) => Number(seq))
    },
    purge: (seqs, purge) => {
      // What was started may have come to an end since it was looked for.
      const { sql, values } = purgeConditions(purge)
      const remove = statement(`DELETE FROM command_log WHERE seq = ? AND ${sql}`)
      const removed = transaction(db, () =>
        seqs.reduce((sum, seq) => sum + Number(remove.run(seq, ...values).changes), 0),
      )
      if (removed > 0) emptyWriteAheadLog(db)
      return removed
    },
    fileBytes: () => fileBytes(db),
  }
}

function toRecord(row: Row): KeptRecord {
  const [seq, codec, record, payload] = row as readonly (Cell | Uint8Array)[]
  return {
    seq: Number(seq),
    codec: String(codec),
    record: record as Uint8Array,
    payload: typeof payload === 'string' ? payload : undefined,
  }
}
