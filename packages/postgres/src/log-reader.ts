// Reads of the log. Each is one statement, so it sees one moment; what is read later of the same log only grows.
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
import { textArray } from './binary-arrays.ts'
import type { Row } from './driver.ts'
import { toEvent, toHeader } from './log-rows.ts'
import type { LogSql } from './log-rows.ts'
import type { Pool } from './pool.ts'

/** Bytes of data after which a page ends: one of a stream at once, one of the log at the next commit boundary. */
const pageBytes = 8_388_608

export interface LogReader {
  readStream(read: ReadStream): Promise<readonly StoredEvent[]>
  readTails(read: ReadTails): Promise<readonly (readonly StoredEvent[])[]>
  readAll(read: ReadAll): Promise<readonly StoredEvent[]>
  versions(streams: readonly TenantStream[]): Promise<readonly number[]>
  /** How many events and commits there are: both are numbered without gaps. */
  extent(): Promise<{ readonly events: number; readonly commits: number }>
  header(tenant: string, commandId: string): Promise<StoredHeader | undefined>
  headerByKey(
    key: IdempotencyScope,
  ): Promise<{ readonly header: StoredHeader; readonly fingerprint: string } | undefined>
  parts(tenant: string, commandId: string): Promise<CommitParts | undefined>
  event(key: EventKey): Promise<StoredEvent | undefined>
}

export function createLogReader(pool: Pool, sql: LogSql): LogReader {
  return {
    readStream: async ({ tenant, aggregateType, aggregateId, after, backwards, limit }) => {
      const count = pageLimit(limit, 100)
      const from = after ?? (backwards === true ? Number.MAX_SAFE_INTEGER : 0)
      const statement = backwards === true ? sql.streamBackwards : sql.streamForwards
      const rows = await pool.read(statement, [tenant, aggregateType, aggregateId, from, count, pageBytes])
      return rows.map(toEvent)
    },
    readTails: async ({ streams, limit, before = Number.MAX_SAFE_INTEGER }) => {
      const tails: StoredEvent[][] = streams.map(() => [])
      if (streams.length === 0) return tails
      for (const row of await pool.read(sql.tails, [...namesOf(streams), before, limit]))
        tails[Number(row[13]) - 1]?.push(toEvent(row))
      return tails
    },
    readAll: async ({ after, limit }) => {
      const rows = await pool.read(sql.allAfter, [after, pageLimit(limit, 1000), pageBytes])
      const events = rows.map(toEvent)
      const [lastPosition, endOfCommit] = endOf(rows.at(-1))
      // The page ends within a commit, which comes whole.
      if (lastPosition < endOfCommit)
        events.push(...(await pool.read(sql.between, [lastPosition, endOfCommit])).map(toEvent))
      return events
    },
    versions: async (streams) => {
      if (streams.length === 0) return []
      return (await pool.read(sql.versions, namesOf(streams))).map(([version]) => Number(version))
    },
    extent: async () => {
      const [[events, commits] = []] = await pool.read(sql.extent)
      return { events: Number(events), commits: Number(commits) }
    },
    header: async (tenant, commandId) => {
      const [row] = await pool.read(sql.header, [tenant, commandId])
      return row && toHeader(row)
    },
    headerByKey: async ({ tenant, sender, commandType, key }) => {
      const [row] = await pool.read(sql.headerByKey, [tenant, sender, commandType, key])
      return row && { header: toHeader(row), fingerprint: String(row[12]) }
    },
    event: async ({ tenant, commandId, index }) => {
      const [row] = await pool.read(sql.event, [tenant, commandId, index])
      return row && toEvent(row)
    },
    parts: async (tenant, commandId) => {
      const rows = await pool.read(sql.parts, [tenant, commandId])
      if (rows.length === 0) return undefined
      const ofKind = (kind: string): readonly Row[] => rows.filter(([found]) => found === kind)
      return {
        messages: ofKind('outbox').map(
          ([, , type, data, key, schemaVersion]) =>
            ({ key, type, schemaVersion: Number(schemaVersion), data }) as CommitParts['messages'][number],
        ),
        jobs: ofKind('jobs').map(
          ([, , type, data, terms]) =>
            ({ type, data, ...(terms !== null && { terms }) }) as CommitParts['jobs'][number],
        ),
        audit: ofKind('audit').map(
          ([, , action, data, actor, resource, outcome]) =>
            ({ action, actor, resource, outcome, data }) as CommitParts['audit'][number],
        ),
      }
    },
  }
}

/** Lists of tenants, types and ids. */
function namesOf(streams: readonly TenantStream[]): ReturnType<typeof textArray>[] {
  const texts = [
    streams.map(({ tenant }) => tenant),
    streams.map(({ aggregateType }) => aggregateType),
    streams.map(({ aggregateId }) => aggregateId),
  ]
  return texts.map(textArray)
}

function endOf(row: Row | undefined): readonly [position: number, endOfCommit: number] {
  return row === undefined ? [0, 0] : [Number(row[0]), Number(row[13])]
}
