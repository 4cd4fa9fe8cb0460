// The event store on PostgreSQL: commits go out in groups over a line of their own, reads over the pool.
import {
  checkCommandKey,
  checkEventFilter,
  checkEventKey,
  checkEventValues,
  checkIdempotencyScope,
  checkRewrite,
  checkStreamKey,
  checkTails,
  checkWhole,
  createCommitQueue,
  pageLimit,
  rewritingRefused,
  storeClosed,
} from '@gesta/core/ports'
import type { EventStore, LogIdentity } from '@gesta/core/ports'
import type { Appender } from './append.ts'
import { readHealth } from './head-holders.ts'
import type { Line } from './line.ts'
import { createLogLists } from './log-lists.ts'
import { createLogReader } from './log-reader.ts'
import type { LogSql } from './log-rows.ts'
import type { Pool } from './pool.ts'
import { isOfOneCommit } from './postgres-errors.ts'
import type { Signals } from './signals.ts'

export interface PostgresEventStoreOptions {
  /** The log's identity as it was found. */
  readonly identity: LogIdentity
  readonly newIdentity: () => LogIdentity
  readonly pool: Pool
  /** Ends with this store. */
  readonly line: Line
  /** Over the line. */
  readonly appender: Appender
  /** Ends with this store. */
  readonly signals: Signals
  /** Quoted. */
  readonly schema: string
  readonly sql: LogSql
  readonly durability: 'full' | 'normal'
  readonly allowRewriting: boolean
}

export function createPostgresEventStore(options: PostgresEventStoreOptions): EventStore {
  const { newIdentity, pool, line, appender, signals, schema, sql, durability, allowRewriting } = options
  let { identity } = options
  const log = createLogReader(pool, sql)
  const lists = createLogLists(pool, schema)
  const queue = createCommitQueue({
    write: appender.append,
    nowMs: () => performance.now(),
    meetsAll: (error) => !isOfOneCommit(error),
  })
  let closing: Promise<void> | undefined
  const telling = queue.onAppend(signals.send)
  const close = async (): Promise<void> => {
    await queue[Symbol.asyncDispose]()
    telling[Symbol.dispose]()
    await Promise.all([line.close(), signals.close()])
  }
  const checkOpen = (): void => {
    if (closing !== undefined) throw storeClosed()
  }

  return {
    get identity() {
      return identity
    },
    info: async () => {
      checkOpen()
      const [{ events: items, commits }, health] = await Promise.all([log.extent(), readHealth(pool.read, schema)])
      const { incarnation } = identity
      const details = { incarnation, commits, durability, allowRewriting, ...health }
      return { store: 'event', backend: 'postgres', readOnly: false, items, details }
    },
    commit: queue.commit,
    readStream: async (read) => {
      checkOpen()
      checkStreamKey(read)
      return log.readStream(read)
    },
    readTails: async (read) => {
      checkOpen()
      checkTails(read)
      return log.readTails(read)
    },
    readAll: async (read) => {
      checkOpen()
      return log.readAll(read)
    },
    versions: async (streams) => {
      checkOpen()
      return log.versions(streams)
    },
    head: async () => {
      checkOpen()
      return (await log.extent()).events
    },
    header: async (tenant, commandId) => {
      checkOpen()
      checkCommandKey(tenant, commandId)
      return log.header(tenant, commandId)
    },
    headerByKey: async (scope) => {
      checkOpen()
      checkIdempotencyScope(scope)
      return log.headerByKey(scope)
    },
    pruneKeys: async ({ before, limit }) => {
      checkOpen()
      checkWhole(before, 'before of the keys', 0)
      return pruneKeys(pool, sql, before, pageLimit(limit, 1_000))
    },
    parts: async (tenant, commandId) => {
      checkOpen()
      checkCommandKey(tenant, commandId)
      return log.parts(tenant, commandId)
    },
    get: async (key) => {
      checkOpen()
      checkEventKey(key)
      return log.event(key)
    },
    list: async (filter, page) => {
      checkOpen()
      checkEventFilter(filter)
      return lists.events(filter, page, identity)
    },
    total: async (filter = {}) => {
      checkOpen()
      checkEventFilter(filter)
      return lists.totalEvents(filter)
    },
    uniqueValues: async (field, filter = {}, page = {}) => {
      checkOpen()
      checkEventFilter(filter)
      checkEventValues(field, page)
      return lists.values(field, filter, page)
    },
    rewrite: async (rewriting) => {
      checkOpen()
      if (!allowRewriting) throw rewritingRefused('rewrite')
      checkRewrite(rewriting)
      return appender.rewrite(rewriting)
    },
    reset: async () => {
      checkOpen()
      if (!allowRewriting) throw rewritingRefused('reset')
      const next = newIdentity()
      await pool.write(sql.reset, [next.incarnation, next.secret])
      identity = next
    },
    fork: async () => {
      checkOpen()
      const { incarnation } = newIdentity()
      await pool.write(sql.fork, [incarnation])
      identity = { ...identity, incarnation }
      return identity
    },
    onAppend: queue.onAppend,
    onAdvance: signals.onSignal,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

/** Blocks of the table of keys that one statement looks at: some 100,000 keys. */
const keyBlocksPerStep = 2_000
/** Commits by which the clocks of processes may disagree; the key of one that is passed over is met again later. */
const disorderMax = 10_000

/**
 * Without the head lock: a key that is gone makes a request a new one, and one that is going is seen or not by whoever appends, who waits
 * for the few that are going under its own key.
 */
async function pruneKeys(pool: Pool, sql: LogSql, before: number, limit: number): Promise<number> {
  const [[blocks, lastOld] = []] = await pool.read(sql.keyBlocks, [before])
  const last = Number(lastOld) + disorderMax
  let pruned = 0
  for (let block = 0; block < Number(blocks) && pruned < limit; block += keyBlocksPerStep) {
    const step = [before, limit - pruned, block, block + keyBlocksPerStep, last]
    pruned += Number((await pool.write(sql.pruneKeys, step))[0]?.[0])
  }
  return pruned
}
