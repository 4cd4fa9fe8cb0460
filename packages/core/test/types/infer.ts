// What the compiler infers for the shop; checked with the types, never run.
import { handle, subscriber } from '@gesta/core'
import type {
  AggregateHistory,
  Asked,
  AsRead,
  DataOf,
  Envelope,
  Erased,
  EventsOf,
  HistoryPage,
  InputOf,
  MessageOf,
  Model,
  Outcome,
  Query,
  QueryOptions,
  ReadOf,
  RecordedEvent,
  StateOf,
  SubscriberStatus,
  Token,
} from '@gesta/core'
import { cancel, get, OrderPlaced, orders, place, Placed, Reviewed, salesByDay, salesOf, shop } from './shop.ts'
import type {
  LineMoved,
  move,
  Order,
  orderDomain,
  OrdersChanged,
  placeOrder,
  Review,
  sendReceipt,
  Signed,
} from './shop.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type IsAny<T> = 0 extends 1 & T ? true : false
function yes<_T extends true>(): void {}
function no<_T extends false>(): void {}
/** Whether an `any` is reachable from a type, through parameters, results and properties. */
type Walk<T, Depth extends readonly 1[] = []> = Depth['length'] extends 7
  ? false
  : IsAny<T> extends true
    ? true
    : T extends string | number | boolean | null | undefined | symbol | bigint
      ? false
      : T extends AbortSignal
        ? false
        : T extends PromiseLike<infer Value>
          ? Walk<Value, [...Depth, 1]>
          : T extends readonly (infer Element)[]
            ? Walk<Element, [...Depth, 1]>
            : T extends (...given: infer Given) => infer Result
              ?
                  | Walk<Result, [...Depth, 1]>
                  | Walk<Given[number], [...Depth, 1]>
                  | { [K in keyof T]-?: Walk<T[K], [...Depth, 1]> }[keyof T]
              : T extends object
                ? { [K in keyof T]-?: Walk<T[K], [...Depth, 1]> }[keyof T]
                : false
type DeepAny<T> = true extends Walk<T> ? true : false

// inputs: the parsed side for handlers, the sent side for callers
yes<Equal<InputOf<typeof cancel>, { orderId: string; reason: string }>>()
yes<Equal<InputOf<typeof place>['note'], string>>()
yes<Equal<Parameters<typeof place>[0]['note'], string | undefined>>()

// events and states
yes<Equal<DataOf<typeof Placed>['totalPence'], number>>()
yes<Equal<StateOf<typeof Order>['status'], 'new' | 'placed' | 'cancelled'>>()
yes<Equal<EventsOf<typeof Order>['type'], 'Order.Placed' | 'Order.Cancelled' | 'Order.LineMoved'>>()
yes<Equal<MessageOf<typeof LineMoved>['data'], { sku: string; direction: 'in' | 'out' }>>()

// personal fields: as they are for who writes them, as they are or erased for who reads them
yes<Equal<DataOf<typeof Reviewed>['name'], string>>()
yes<Equal<ReadOf<typeof Reviewed>['name'], string | Erased>>()
yes<Equal<ReadOf<typeof Reviewed>['reviewerId'], string>>()
yes<Equal<ReadOf<typeof Signed>['signature'], string | Erased>>()
yes<Equal<ReadOf<typeof Placed>, DataOf<typeof Placed>>>()
yes<Equal<MessageOf<typeof Reviewed>['data'], Review>>()
yes<Equal<AsRead<{ a: 1; b?: 2 } | { c: 3 }, 'a' | 'b' | 'c'>, { a: 1 | Erased; b?: 2 | Erased } | { c: 3 | Erased }>>()

export async function inferred(): Promise<void> {
  const running = await shop.start()

  // outcomes: literal rejections, results, details
  const outcome = await running.dispatch(place({ orderId: '', customerId: '', lines: [] }))
  yes<Equal<Extract<typeof outcome, { ok: true }>['result'], { totalPence: number }>>()
  yes<Equal<Extract<typeof outcome, { ok: false }>['rejection']['code'], 'order_exists' | 'over_limit'>>()
  yes<Equal<(typeof outcome)['token'], Token>>()
  if (!outcome.ok && outcome.rejection.code === 'over_limit')
    yes<Equal<typeof outcome.rejection.details, { limitPence: number }>>()
  if (!outcome.ok && outcome.rejection.code === 'order_exists')
    yes<Equal<typeof outcome.rejection.details, undefined>>()
  const asCaller = await running.as({ identity: 'i' }).dispatch(place({ orderId: '', customerId: '', lines: [] }))
  yes<Equal<typeof asCaller, typeof outcome>>()
  const cancelled = await running.dispatch(cancel({ orderId: '', reason: '' }))
  if (cancelled.ok) yes<Equal<typeof cancelled.result, void>>()
  // a command that cannot be refused: ok is still checked, its rejection is never
  yes<Equal<Extract<Outcome<void, {}>, { ok: false }>['rejection'], never>>()

  // queries, and what they read
  const direct = await running.query(get({ orderId: '' }), { after: outcome.token })
  yes<Equal<typeof direct, { status: string; totalPence: number; version: number } | null>>()

  // queries that are asked with history: an object has it as one more field, null stays, a list comes beside it
  type Histories = readonly AggregateHistory[]
  const sales = salesOf({ from: '', to: '' })
  const told = await running.query(get({ orderId: '' }), { history: true })
  yes<Equal<typeof told, (NonNullable<typeof direct> & { readonly history: Histories }) | null>>()
  const page = await running.as({ identity: 'i' }).query(sales, { history: { limit: 5, before: 3 } })
  yes<Equal<(typeof page)['result'], { day: string; pence: number }[]>>()
  yes<Equal<(typeof page)['history'], Histories>>()
  const untold = await running.query(get({ orderId: '' }), { history: false, deadlineMs: 5 })
  yes<Equal<typeof untold, typeof direct>>()
  yes<Equal<Asked<{ history: string }, true>, never>>()
  const asBefore = <Result>(message: Query<'Order.Get', unknown, Result>, options?: QueryOptions): Promise<Result> =>
    running.query(message, options)
  void asBefore

  no<DeepAny<typeof running>>()
  no<DeepAny<typeof told>>()
  no<DeepAny<typeof outcome>>()
}
export const reading = handle(get, async ({ orderId }, { read, history }) => {
  const found = await read(orders).get(orderId)
  yes<Equal<NonNullable<typeof found>['state']['status'], 'new' | 'placed' | 'cancelled'>>()
  const page = await read(orders).list({
    page: 1,
    orderBy: 'totalPence',
    where: { status: 'placed', note: 'an optional field' },
  })
  yes<Equal<(typeof page.items)[number]['version'], number>>()
  yes<Equal<typeof found, Model<StateOf<typeof Order>> | undefined>>()
  const told = await read(orders).get(orderId, { history: true })
  yes<Equal<NonNullable<typeof told>['history'], HistoryPage>>()
  const toldOfEach = await read(orders).list({ where: { status: 'placed' }, history: { limit: 5 } })
  yes<Equal<(typeof toldOfEach.items)[number]['history'], HistoryPage>>()
  // @ts-expect-error: nobody asked for it
  void page.items[0]?.history
  // @ts-expect-error: no such field
  await read(orders).list({ orderBy: 'totalPenc' })
  // @ts-expect-error: no such value
  await read(orders).list({ where: { status: 'plcd' } })
  // @ts-expect-error: no such field
  await read(orders).list({ where: { stats: 'placed' } })
  yes<Equal<Awaited<ReturnType<typeof history>>, HistoryPage>>()
  const row = await read(salesByDay).get('2026-01-02')
  yes<Equal<typeof row, { day: string; pence: number } | undefined>>()
  return null
})
// subscribers: data and event of each contract, and what they send and ask
export const following = subscriber('Following')
  .on(Placed, async (data, { event, dispatch, query, signal, attempt }) => {
    yes<Equal<typeof data, DataOf<typeof Placed>>>()
    yes<Equal<typeof event, RecordedEvent<'Order.Placed', DataOf<typeof Placed>>>>()
    yes<Equal<typeof signal, AbortSignal>>()
    yes<Equal<typeof attempt, number>>()
    const outcome = await dispatch(place({ orderId: '', customerId: '', lines: [] }), { deadlineMs: 100 })
    yes<Equal<Extract<typeof outcome, { ok: true }>['result'], { totalPence: number }>>()
    yes<Equal<Extract<typeof outcome, { ok: false }>['rejection']['code'], 'order_exists' | 'over_limit'>>()
    const answer = await query(get({ orderId: '' }), { after: outcome.token })
    yes<Equal<typeof answer, { status: string; totalPence: number; version: number } | null>>()
  })
  .on(Reviewed, ({ name, stars }, { event }) => {
    yes<Equal<typeof name, string | Erased>>()
    yes<Equal<typeof stars, number>>()
    yes<Equal<(typeof event)['data'], ReadOf<typeof Reviewed>>>()
  })
  .on(OrderPlaced, (data, { event }) => {
    yes<Equal<typeof data, { orderId: string; totalPence: number }>>()
    yes<Equal<typeof event, Envelope>>()
  })
  .onAny((data, { event }) => {
    yes<Equal<typeof data, unknown>>()
    yes<Equal<typeof event, RecordedEvent>>()
  })
yes<Equal<(typeof following)['name'], 'Following'>>()
yes<Equal<Awaited<ReturnType<typeof shop.start>>['subscribers'], () => readonly SubscriberStatus[]>>()
no<DeepAny<typeof following>>()

// no any anywhere
no<DeepAny<typeof place>>()
no<DeepAny<typeof move>>()
no<DeepAny<typeof get>>()
no<DeepAny<typeof salesOf>>()
no<DeepAny<typeof Placed>>()
no<DeepAny<typeof Reviewed>>()
no<DeepAny<typeof Signed>>()
no<DeepAny<typeof sendReceipt>>()
no<DeepAny<typeof OrdersChanged>>()
no<DeepAny<typeof Order>>()
no<DeepAny<typeof salesByDay>>()
no<DeepAny<typeof orders>>()
no<DeepAny<typeof orderDomain>>()
no<DeepAny<typeof shop>>()
no<DeepAny<MessageOf<typeof place>>>()
no<DeepAny<ReturnType<typeof placeOrder>>>()
// the walk itself finds one
yes<DeepAny<{ a: ReturnType<typeof JSON.parse> }>>()
yes<DeepAny<(given: { a: ReturnType<typeof JSON.parse> }) => void>>()
