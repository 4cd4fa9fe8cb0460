// The outbox store on SQLite: it lies in the log's file. Reads are a reader thread's; changes are the writer thread's, in short steps
// between the groups of commits.
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
  GestaError,
  isGestaError,
  pageOf,
  storeClosed,
} from '@gesta/core/ports'
import type { MessagePlace, OutboxStore, Settlement } from '@gesta/core/ports'
import type { OutboxQuestion, OutboxReader } from './outbox-reader.ts'
import { heldCells, messageCells, pendingMax, toHeld, toMessage } from './outbox-rows.ts'
import type { OutboxChange } from './outbox-writer.ts'
import type { ReadingThreads } from './reader.ts'
import { unflattenRows } from './row-cells.ts'
import type { Writer } from './writer.ts'

/** Messages that one step of a repair changes: repairs of any size hold commits up for a moment only. */
const placesPerStep = 500

export interface SqliteOutboxStoreOptions {
  readonly path: string
  /** Both are the event store's, and end with it. */
  readonly reader: ReadingThreads
  readonly writer: Writer
}

export function createSqliteOutboxStore({ path, reader, writer }: SqliteOutboxStoreOptions): OutboxStore {
  let closed = false
  const ask = async <Name extends keyof OutboxReader>(
    name: Name,
    ...given: Parameters<OutboxReader[Name]>
  ): Promise<ReturnType<OutboxReader[Name]>> => {
    if (closed) throw storeClosed()
    const question = { ask: name, given } as unknown as OutboxQuestion
    return (await reader.call({ do: isBounded[name] ? 'outbox' : 'outboxScan', path, question })) as never
  }
  const change = async (asked: OutboxChange): Promise<number> => {
    if (closed) throw storeClosed()
    try {
      return await writer.change(asked)
    } catch (error) {
      throw isGestaError(error, 'outcome_unknown') ? unsettled(path, error) : error
    }
  }

  return {
    cursor: () => ask('cursor'),
    after: async (commitNo, limit) => {
      checkCommitNo(commitNo)
      checkMessageLimit(limit)
      return unflattenRows(await ask('after', commitNo, limit), messageCells, toMessage)
    },
    due: async (nowUs, limit) => {
      checkTimeUs(nowUs)
      checkMessageLimit(limit)
      return unflattenRows(await ask('due', nowUs, limit), heldCells, toHeld)
    },
    nextDue: () => ask('nextDue'),
    waitingKeys: async (keys) =>
      new Set(
        await ask(
          'waitingKeys',
          keys.map(({ tenant, key }) => ({ tenant, key })),
        ),
      ),
    settle: async (settlement) => {
      checkSettlement(settlement)
      return (await change({ change: 'settle', settlement: plainSettlement(settlement) })) === 1
    },
    list: async (filter, page) => {
      const asked = askHeld(filter, page)
      const { cells, limit, total } = await ask('list', filter, asked)
      const held = unflattenRows(cells, heldCells, toHeld)
      return pageOf({ ...asked, limit }, held, ({ commitNo, index }) => [commitNo, index], total)
    },
    total: async (filter = {}) => {
      checkHeldFilter(filter)
      return ask('total', filter)
    },
    requeue: async (which, nowUs) => {
      checkTimeUs(nowUs)
      const requeue = (places: readonly MessagePlace[]): Promise<number> => change({ change: 'requeue', places, nowUs })
      if ('length' in which) {
        checkPlaces(which)
        return changePlaces(which, placesPerStep, requeue)
      }
      checkHeldFilter(which)
      return changeFound((last) => ask('deadPlaces', which, last, placesPerStep), placesPerStep, requeue)
    },
    discard: async (places) => {
      checkPlaces(places)
      return changePlaces(places, placesPerStep, (step) => change({ change: 'discard', places: step }))
    },
    resend: async (range, nowUs) => {
      checkResend(range)
      checkTimeUs(nowUs)
      const pageAfter = (last: MessagePlace): Promise<readonly MessagePlace[]> =>
        ask('places', range, last, placesPerStep)
      return changeFound(pageAfter, placesPerStep, (places) => change({ change: 'resend', places, nowUs }))
    },
    prune: async (recordedBeforeUs, limit) => {
      checkTimeUs(recordedBeforeUs)
      checkMessageLimit(limit)
      const old = await ask('oldPlaces', recordedBeforeUs, limit)
      return changePlaces(old, placesPerStep, (places) => change({ change: 'prune', places }))
    },
    info: async () => {
      const [cursor = 0, waiting = 0, dead = 0, pending = 0, oldestRecordedAt] = await ask('extent')
      const oldest = oldestRecordedAt === undefined ? {} : { oldestRecordedAt }
      const details = { cursor, waiting, dead, pending, pendingMax, ...oldest }
      return { store: 'outbox', backend: 'sqlite', readOnly: false, items: waiting + dead, details }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

/** Without what callers may have left in it: it goes to another thread. */
function plainSettlement({ fencingToken, from, to, sent, held }: Settlement): Settlement {
  return {
    fencingToken,
    from,
    to,
    sent: sent.map(({ commitNo, index }) => ({ commitNo, index })),
    held: held.map(({ commitNo, index, state, attempts, dueAt, lastError, lastAttemptAt }) => {
      return { commitNo, index, state, attempts, dueAt, lastError, lastAttemptAt }
    }),
  }
}

/** Whether a question costs no more than what it answers with. */
const isBounded: { readonly [Name in keyof OutboxReader]: boolean } = {
  cursor: true,
  after: true,
  due: true,
  nextDue: true,
  waitingKeys: true,
  list: false,
  total: false,
  deadPlaces: false,
  places: false,
  oldPlaces: false,
  extent: false,
}

function unsettled(path: string, cause: GestaError): GestaError {
  const message = `Expected ${path} to say whether a change of the outbox was kept, but its writer failed meanwhile. Read the cursor and what is held, and go on from there.`
  return new GestaError('store_unavailable', message, { cause, facts: { path } })
}
