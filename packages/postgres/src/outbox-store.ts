// The outbox store on PostgreSQL: reads are one statement each; what changes something is one function in the server, alone with the
// cursor and the held messages (src/migrations/outbox/0001-outbox.ts). Appends have nothing to do with either.
import {
  askHeld,
  changeFound,
  changePlaces,
  checkCommitNo,
  checkHeldFilter,
  checkMessageLimit,
  checkPlaces,
  checkResend,
  checkSettlement,
  checkTimeUs,
  isGestaError,
  outboxPageBytesMax,
} from '@gesta/core/ports'
import type { HeldFilter, HeldMessage, MessagePlace, OutboxMessage, OutboxStore, Settlement } from '@gesta/core/ports'
import { bigintArray, textArray } from './binary-arrays.ts'
import { createWhere } from './conditions.ts'
import type { Where } from './conditions.ts'
import type { Row, Value } from './driver.ts'
import { heldColumns, outboxSql, pendingMax, toHeld, toMessage } from './outbox-rows.ts'
import { readPage } from './pages.ts'
import { isPassing } from './postgres-errors.ts'
import type { StoreAccess } from './store-access.ts'

/** Messages that one step of a repair changes: repairs of any size hold a relay up for a moment only. */
const placesPerStep = 1_000

export function createPostgresOutboxStore(access: StoreAccess): OutboxStore {
  const { schema: s, read, write } = access
  const sql = outboxSql(s)
  const changed = async (statement: string, values: readonly Value[]): Promise<number> =>
    Number((await write(statement, values))[0]?.[0])
  const settle = async (settlement: Settlement, isAgain: boolean): Promise<boolean> =>
    (await write(sql.settle, settlementValues(settlement, isAgain)))[0]?.[0] === true
  const cursor = async (): Promise<number> => Number((await read(sql.cursor))[0]?.[0])
  const total = async (filter: HeldFilter): Promise<number> => {
    const where = matching(s, filter)
    const [row] = await read(`SELECT count(*) FROM ${s}.held_messages h WHERE ${where.sql}`, where.values)
    return Number(row?.[0])
  }
  const deadAfter = async (filter: HeldFilter, { commitNo, index }: MessagePlace): Promise<readonly MessagePlace[]> => {
    const where = matching(s, filter)
    where.and(commitNo, () => `h.is_dead AND (h.commit_no, h.idx) > (${where.bind(commitNo)}, ${where.bind(index)})`)
    const dead = `SELECT h.commit_no, h.idx FROM ${s}.held_messages h WHERE ${where.sql} ORDER BY h.commit_no, h.idx LIMIT ${placesPerStep}`
    return (await read(dead, where.values)).map(toPlace)
  }

  return {
    cursor,
    after: async (commitNo, limit) => {
      checkCommitNo(commitNo)
      checkMessageLimit(limit)
      const page = (await read(sql.after, [commitNo, limit, outboxPageBytesMax])).map(toMessage)
      const end = page.at(-1)
      if (end === undefined || !mayBeCut(page, limit)) return page
      // The page may end within a commit, which comes whole.
      return [...page, ...(await read(sql.rest, [end.commitNo, end.index])).map(toMessage)]
    },
    due: async (nowUs, limit) => {
      checkTimeUs(nowUs)
      checkMessageLimit(limit)
      return (await read(sql.due, [nowUs, limit, outboxPageBytesMax])).map(toHeld)
    },
    nextDue: async () => {
      const dueAt = (await read(sql.nextDue))[0]?.[0]
      return typeof dueAt === 'number' ? dueAt : undefined
    },
    waitingKeys: async (keys) => {
      const texts = [keys.map(({ tenant }) => tenant), keys.map(({ key }) => key)]
      const rows = keys.length === 0 ? [] : await read(sql.waitingKeys, texts.map(textArray))
      return new Set(rows.map(([place]) => Number(place)))
    },
    settle: async (settlement) => {
      checkSettlement(settlement)
      try {
        return await settle(settlement, false)
      } catch (error) {
        // Kept or not: only asking again can tell.
        if (isGestaError(error, 'store_unavailable') && isPassing(error.cause)) return settle(settlement, true)
        throw error
      }
    },
    list: async (filter, page) => {
      const asked = askHeld(filter, page)
      const list = {
        columns: heldColumns,
        from: `FROM ${s}.held_messages h JOIN ${s}.outbox o ON o.commit_no = h.commit_no AND o.idx = h.idx
          JOIN ${s}.commits c ON c.commit_no = h.commit_no`,
        order: ['h.commit_no', 'h.idx'],
        isDescending: false,
        bytes: 'octet_length(o.data) + octet_length(c.context)',
        toItem: toHeld,
        keyOf: ({ commitNo, index }: HeldMessage) => [commitNo, index] as const,
      }
      return readPage(read, list, matching(s, filter), asked)
    },
    total: async (filter = {}) => {
      checkHeldFilter(filter)
      return total(filter)
    },
    requeue: async (which, nowUs) => {
      checkTimeUs(nowUs)
      const requeue = (places: readonly MessagePlace[]): Promise<number> =>
        changed(sql.requeue, [placeArray(places), nowUs])
      if ('length' in which) {
        checkPlaces(which)
        return changePlaces(which, placesPerStep, requeue)
      }
      checkHeldFilter(which)
      return changeFound((last) => deadAfter(which, last), placesPerStep, requeue)
    },
    discard: async (places) => {
      checkPlaces(places)
      return changePlaces(places, placesPerStep, (step) => changed(sql.discard, [placeArray(step)]))
    },
    resend: async (range, nowUs) => {
      checkResend(range)
      checkTimeUs(nowUs)
      const [[from, end] = []] = await read(sql.commitsOf, [range.fromPosition, range.toPosition])
      // No position that is asked for is there.
      if (typeof from !== 'number') return 0
      const before = Math.min(typeof end === 'number' ? end : Number.MAX_SAFE_INTEGER, (await cursor()) + 1)
      const pageAfter = async ({ commitNo, index }: MessagePlace): Promise<readonly MessagePlace[]> => {
        const start = commitNo < from ? [from, -1] : [commitNo, index]
        return (await read(sql.places, [...start, before, placesPerStep])).map(toPlace)
      }
      return changeFound(pageAfter, placesPerStep, (places) => changed(sql.resend, [placeArray(places), nowUs]))
    },
    prune: async (recordedBeforeUs, limit) => {
      checkTimeUs(recordedBeforeUs)
      checkMessageLimit(limit)
      return changed(sql.prune, [recordedBeforeUs, limit])
    },
    info: async () => {
      const [commitNo, waiting, dead, pending, oldestRecordedAt] = (await read(sql.extent))[0] ?? []
      const details = {
        cursor: Number(commitNo),
        waiting: Number(waiting),
        dead: Number(dead),
        pending: Number(pending),
        pendingMax,
        ...(typeof oldestRecordedAt === 'number' && { oldestRecordedAt }),
      }
      return { store: 'outbox', backend: 'postgres', readOnly: false, items: details.waiting + details.dead, details }
    },
    [Symbol.asyncDispose]: async () => access.close(),
  }
}

/** Whether there may be more: a character has three bytes at most. */
function mayBeCut(page: readonly OutboxMessage[], limit: number): boolean {
  return page.length >= limit || page.reduce((sum, { data }) => sum + data.length, 0) * 3 >= outboxPageBytesMax
}

function settlementValues({ fencingToken, from, to, sent, held }: Settlement, isAgain: boolean): readonly Value[] {
  const numbers = held.flatMap(({ commitNo, index, state, attempts, dueAt, lastAttemptAt = -1 }) => {
    return [commitNo, index, state === 'dead' ? 1 : 0, attempts, dueAt, lastAttemptAt]
  })
  const errors = held.map(({ lastError }) => lastError)
  const places = placeArray([...sent, ...held])
  return [fencingToken, from, to, isAgain, placeArray(sent), bigintArray(numbers), textArray(errors), places]
}

function placeArray(places: readonly MessagePlace[]): Buffer {
  return bigintArray(places.flatMap(({ commitNo, index }) => [commitNo, index]))
}

function toPlace([commitNo, index]: Row): MessagePlace {
  return { commitNo: Number(commitNo), index: Number(index) }
}

/** Conditions on held messages, as `h`. */
function matching(s: string, { state, tenant, type, key }: HeldFilter): Where {
  const where = createWhere()
  const { and, bind } = where
  and(state, (name) => (name === 'dead' ? 'h.is_dead' : 'NOT h.is_dead'))
  and(tenant, (text) => `${s}.index_key(h.tenant) = ${s}.index_key(${bind(text)})`)
  and(type, (text) => `h.type = ${bind(text)}`)
  and(key, (text) => `${s}.index_key(h.key) = ${s}.index_key(${bind(text)})`)
  return where
}
