// Appending a group: one statement, and what is done when its answer is lost. An append that was not answered may have been done, or be
// done later. It is settled by appending again under the same ids, after the session that may still be at it was ended.
import { backoffMs, GestaError, isHeaderOf } from '@gesta/core/ports'
import type { Clock, Commit, EventRewrite, Ids, Verdict } from '@gesta/core/ports'
import type { Connection, Row, Session, Value } from './driver.ts'
import { decodeVerdicts, encodeGroup } from './group-cells.ts'
import type { Repetition } from './group-cells.ts'
import { lockedError } from './head-holders.ts'
import type { Line } from './line.ts'
import { toHeader } from './log-rows.ts'
import type { LogSql } from './log-rows.ts'
import {
  isPassing,
  lockNotAvailable,
  noSuchEvent,
  refusalState,
  storeError,
  uniqueViolation,
} from './postgres-errors.ts'

export interface AppendOptions {
  /** The line that appends go over. */
  readonly line: Line
  /** Quoted. */
  readonly schema: string
  readonly sql: LogSql
  /** For errors. */
  readonly place: string
  readonly clock: Clock
  readonly ids: Ids
  /** Whether a commit waits for the server's disk. */
  readonly waitsForDisk: boolean
  /** Milliseconds that an append waits for the head lock. */
  readonly lockTimeoutMs: number
  /** Milliseconds in which a group is tried again while the server cannot be reached or an answer is missing. */
  readonly retryForMs: number
}
/** Stores a group and answers one verdict per commit. Errors: `store_*` when nothing was stored, `outcome_unknown`. */
export interface Appender {
  append(group: readonly Commit[]): Promise<readonly Verdict[]>
  /** Changes an event and stores the record of it. Absent: there is no such event. */
  rewrite(rewrite: EventRewrite): Promise<Verdict | undefined>
}

const retryDelay = { firstMs: 20, maxMs: 500 }
/** Writes to the server's log, so that its commit waits for all that was written before, and on replicas too. */
const waitForAll = `SELECT pg_logical_emit_message(true, 'gesta', ''), CASE WHEN current_setting('synchronous_commit') <> 'remote_apply'
  THEN set_config('synchronous_commit', 'on', true) END`
const endSession =
  'SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2'

export function createAppender(options: AppendOptions): Appender {
  const { line, schema, sql, place, clock, ids, waitsForDisk, lockTimeoutMs, retryForMs } = options
  const settings = [waitsForDisk ? 'on' : 'off', lockTimeoutMs]
  // Since when there has been no connection.
  let awayFromUs: number | undefined
  const lineUp = async (): Promise<Connection> => {
    try {
      const connection = await line.connection()
      awayFromUs = undefined
      return connection
    } catch (error) {
      awayFromUs ??= clock.monotonicUs()
      throw error
    }
  }
  /** A group waits for a server that is away for as long as it has been away for less: what comes later is not held up, nor does it pile up. */
  const mayWait = (fromUs: number): boolean =>
    clock.monotonicUs() < Math.min(fromUs, awayFromUs ?? fromUs) + retryForMs * 1000
  const pause = (attempt: number): Promise<void> =>
    new Promise((resolve) => clock.after(backoffMs(retryDelay, attempt, ids.random), resolve))

  /** `statement` takes `first`, and then what `append` takes. */
  const send = async (
    statement: string,
    first: readonly Value[],
    group: readonly Commit[],
  ): Promise<readonly Verdict[]> => {
    const lists = encodeGroup(group)
    const fromUs = clock.monotonicUs()
    // Whether the unique indexes refused the group, and whether an attempt was not answered.
    let isCareful = false
    let isAgain = false
    // Sessions that may still be at it; one whose ending was not answered stays here.
    const leftBehind: Session[] = []
    for (let attempt = 1; ; attempt += 1) {
      let connection: Connection | undefined
      try {
        connection = await lineUp()
        while (leftBehind[0] !== undefined) {
          await endSessionOf(connection, leftBehind[0])
          leftBehind.shift()
        }
        const rows = await connection.query(statement, [...first, ...lists, isCareful || isAgain, ...settings])
        const decoded = decodeVerdicts(group, rows[0]?.[0])
        const verdicts = await settleAll(connection, group, decoded, isAgain)
        if (verdicts !== undefined) return verdicts
        // A key that was in the way has just been forgotten.
        isAgain = true
      } catch (error) {
        const state = refusalState(error)
        if (state === uniqueViolation && !isCareful && !isAgain) {
          // An id or a key is there already: asked carefully, the server says whose.
          isCareful = true
          continue
        }
        if (connection !== undefined && state === undefined) {
          isAgain = true
          if (connection.session !== undefined) leftBehind.push(connection.session)
          connection.drop()
        }
        if (!mayWait(fromUs) || !(isAgain || isPassing(error))) {
          if (isAgain) throw outcomeUnknown(place, error)
          if (state === lockNotAvailable && connection !== undefined)
            throw await lockedError(connection.query, schema, { place, lockTimeoutMs, cause: error })
          throw storeError(error, place)
        }
        await pause(attempt)
      }
    }
  }

  /** Absent when the group has to be appended again to know. */
  async function settleAll(
    connection: Connection,
    group: readonly Commit[],
    decoded: readonly (Verdict | Repetition)[],
    isAgain: boolean,
  ): Promise<readonly Verdict[] | undefined> {
    if (decoded.every(({ verdict }) => verdict !== 'repetition')) return decoded as readonly Verdict[]
    // An append whose session was ended while it waited for replicas can be seen all the same, though they may not have it.
    if (isAgain && waitsForDisk) await connection.query(waitForAll)
    const verdicts = await Promise.all(decoded.map((one, at) => settle(connection, group[at] as Commit, one, isAgain)))
    return verdicts.every((one) => one !== undefined) ? verdicts : undefined
  }

  /** What an earlier attempt of this very group stored is stored; any other repetition is a duplicate. Absent: of a key that was pruned since. */
  async function settle(
    connection: Connection,
    commit: Commit,
    verdict: Verdict | Repetition,
    isAgain: boolean,
  ): Promise<Verdict | undefined> {
    if (verdict.verdict !== 'repetition') return verdict
    const { by, commitNo } = verdict
    if (by === 'key') {
      const { sender, key } = commit.idempotency as NonNullable<Commit['idempotency']>
      const [row] = await connection.query(sql.headerByKey, [commit.tenant, sender, commit.header.commandType, key])
      return row && { verdict: 'duplicate', by, header: toHeader(row), fingerprint: String(row[12]) }
    }
    const [row] = await connection.query(sql.headerOfNumber, [commitNo])
    const header = toHeader(row as Row)
    if (!isAgain || !isHeaderOf(header, commit))
      return { verdict: 'duplicate', by, header, fingerprint: header.fingerprint }
    const { position } = header
    const versions = await connection.query(sql.firstVersions, [position - header.eventCount, position])
    return { verdict: 'stored', commitNo, position, firstVersions: versions.map(([version]) => Number(version)) }
  }

  return {
    append: (group) => send(sql.append, [], group),
    rewrite: async ({ tenant, commandId, index, data, record }) => {
      try {
        return (await send(sql.rewrite, [tenant, commandId, index, data ?? null], [record]))[0]
      } catch (error) {
        if (error instanceof GestaError && refusalState(error.cause) === noSuchEvent) return undefined
        throw error
      }
    },
  }
}

/** What the session was at is then done or never will be. A role that may not end its own sessions goes without. */
async function endSessionOf(connection: Connection, { pid, startedAt }: Session): Promise<void> {
  try {
    await connection.query(endSession, [pid, startedAt])
  } catch (error) {
    if (refusalState(error) === undefined) throw error
  }
}

function outcomeUnknown(place: string, cause: unknown): GestaError {
  const message = `Expected ${place} to say whether the commits were stored, but the connection broke, and appending again has not settled it. Send the commands again under the same ids.`
  return new GestaError('outcome_unknown', message, { cause, facts: { place } })
}
