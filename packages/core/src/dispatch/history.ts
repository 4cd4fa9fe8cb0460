// Histories on demand: the events of aggregates as the log has them now. No view keeps them, and nothing has to be switched on.
import type { ContractParts } from '../contracts/contract.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { HistoryAccess, HistoryItem, HistoryPage, HistoryRange } from '../read-models/history.ts'
import { limitOfEach } from '../read-models/history.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { JsonValue } from '../schema/schema.ts'
import type { StreamName } from '../stores/commit.ts'
import type { Engine } from './engine.ts'
import type { Seen, Shown } from './views.ts'

/** The history of one aggregate that an answer shows. */
export interface AggregateHistory extends HistoryPage {
  readonly aggregateType: string
  readonly aggregateId: string
}
/**
 * An answer that was asked for with `history`: an object has it as one more field, null stays null, anything else comes beside it.
 * A query whose result has a field `history` of its own cannot be asked so.
 */
export type WithHistory<Result> = Result extends null
  ? Result
  : Result extends object
    ? Result extends readonly unknown[]
      ? BesideHistory<Result>
      : 'history' extends keyof Result
        ? never
        : Result & { readonly history: readonly AggregateHistory[] }
    : BesideHistory<Result>
interface BesideHistory<Result> {
  readonly result: Result
  readonly history: readonly AggregateHistory[]
}

/** Aggregates in one answer whose history can be asked for. */
const aggregatesMax = 1_000

type Log = Pick<Engine, 'store' | 'decoder'>

/** What readers of views do with histories, for one run of a handler. */
export function historyAccess(log: Log, tenant: string, seen: Seen): HistoryAccess {
  return {
    shown: (aggregateType, ids) => {
      const { aggregates } = seen
      if (aggregates === undefined) return
      for (const aggregateId of ids) aggregates.set(`${aggregateType}\0${aggregateId}`, { aggregateType, aggregateId })
    },
    read: (aggregateType, ids, range) => {
      // The log may be ahead of the view, so no version names an answer that was made of both.
      seen.reads += 2
      const streams = ids.map((aggregateId) => ({ aggregateType, aggregateId }))
      return readHistory(log, tenant, streams, range)
    },
  }
}

/** A page for each stream, in their order, with one read of the log. Errors: `invalid_key`, `event_unreadable`, `store_*`. */
async function readHistory(
  { store, decoder }: Log,
  tenant: string,
  streams: readonly StreamName[],
  range: HistoryRange,
  dataOf: (event: RecordedEvent) => unknown = ({ data }) => data,
): Promise<readonly HistoryPage[]> {
  const named = streams.map(({ aggregateType, aggregateId }) => ({ tenant, aggregateType, aggregateId }))
  const tails = await store.readTails({ streams: named, ...range })
  const events = await decoder.decodePage(tails.flat())
  let end = 0
  return tails.map(({ length }) => {
    const items = events.slice(end, (end += length)).map((event) => itemOf(event, dataOf(event)))
    // Versions begin at 1 and have no gaps, so the last one says whether it is the first event.
    return { items, hasMore: (items.at(-1)?.version ?? 1) > 1 }
  })
}

function itemOf({ id, type, version, recordedAt, context }: RecordedEvent, data: unknown): HistoryItem {
  const { tenant: senderTenant, identity: senderIdentity } = context
  return {
    eventId: id,
    eventName: type,
    data: data as JsonValue,
    version,
    createdAt: recordedAt,
    ...(senderTenant !== undefined && { senderTenant }),
    ...(senderIdentity !== undefined && { senderIdentity }),
  }
}

/**
 * The answer with the histories of what it shows, for whoever may run the query: personal fields are hidden. `asked` is what `historyRange`
 * read of the caller's question. Errors: `invalid_input` when the answer cannot take them, and those of `readHistory`.
 */
export async function withHistory(
  engine: Log & Pick<Engine, 'events'>,
  { type, tenant }: { readonly type: string; readonly tenant: string },
  result: unknown,
  shown: Shown,
  asked: HistoryRange,
): Promise<unknown> {
  if (result === null) return null
  if (isObject(result) && Object.hasOwn(result, 'history'))
    throw refused(`the result of ${type} has a field "history" of its own. Leave history out`)
  const streams = [...shown.values()]
  if (streams.length > aggregatesMax)
    throw refused(
      `the answer of ${type} shows ${streams.length} aggregates, and at most ${aggregatesMax} can have their history. Ask for a smaller page`,
    )
  const limit = streams.length > 1 ? Math.min(asked.limit, limitOfEach.max) : asked.limit
  const pages = await readHistory(engine, tenant, streams, { ...asked, limit }, publicData(engine.events))
  const history = pages.map((page, at): AggregateHistory => ({ ...(streams[at] as StreamName), ...page }))
  return isObject(result) ? { ...result, history } : { result, history }
}

/** A query's caller may be anybody whom its result is for: fields about a person are hidden, and so is what the app has no contract of. */
function publicData(contracts: ReadonlyMap<string, ContractParts>): (event: RecordedEvent) => unknown {
  return ({ type, data }) => {
    const contract = contracts.get(type)
    if (contract === undefined) return null
    if (contract.personal === undefined) return data
    const hidden: Record<string, unknown> = { ...(data as object) }
    for (const field of contract.personal.fields) if (Object.hasOwn(hidden, field)) hidden[field] = '[personal]'
    return hidden
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Whether a caller may be told the history beside an answer: senders are in it, and events in full, so nobody is who says nothing of
 * themselves, whatever the query's level. Errors: `permission_denied`, also where the contract says `history: false`.
 */
export function checkHistory({ type, history }: ContractParts, { account }: RequestContext): void {
  const anonymous = account === undefined
  if (history !== false && !anonymous) return
  const reason =
    history === false ? 'its contract says history: false' : 'histories are told to callers with an account alone'
  const message = `Expected ${type} to be asked without history, because ${reason}. Leave it out.`
  throw new GestaError('permission_denied', message, { facts: { contract: type, reason, anonymous } })
}

function refused(why: string): GestaError {
  return new GestaError('invalid_input', `Expected a query that can be answered with history, but ${why}.`)
}
