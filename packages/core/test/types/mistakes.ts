// Mistakes that must not compile, one per number; messages.test.ts reads what the compiler says to them. Never run.
import {
  aggregate,
  command,
  cron,
  domain,
  event,
  handle,
  isErased,
  later,
  processManager,
  query,
  readModel,
  subscriber,
} from '@gesta/core'
import type { Running } from '@gesta/core'
import {
  cancel,
  Cancelled,
  get,
  move,
  Order,
  orderDomain,
  OrderPlaced,
  OrdersChanged,
  place,
  Placed,
  review,
  Reviewed,
  salesOf,
  sendReceipt,
  Shipped,
  shop,
  signedReview,
} from './shop.ts'

const running = await shop.start()
const charge = command('Billing.Charge')
const nothing = async (): Promise<void> => undefined
const cancelling = handle(cancel, nothing)
const getting = handle(get, async () => null)
const cancelled = cancel({ orderId: 'a', reason: '' })
const balance = query('Account.Balance', { result: review })
const answering = { permissions: 'anonymous', handlers: [getting] } as const
const days = readModel('Order.X', (day) => ({ day, pence: 0 }))
const key = (): string => 'x'
const same = <Row>(row: Row): Row => row
const process = processManager('Order.Process', () => ({ sent: 0 }))

// 1 wrong payload
// @ts-expect-error
place({ orderId: 'a', customerId: 'b', lines: [{ sku: 's', quantity: '2', pence: 1 }] })
// 2 unknown field
// @ts-expect-error
place({ orderId: 'a', customerID: 'b', lines: [] })
// 3 wrong event data
// @ts-expect-error
Placed({ customerId: 'c', total: 1 })
// 4 a fold that returns a wrong state
// @ts-expect-error
aggregate('A', () => ({ status: 'new' as 'new' | 'done' })).on(Cancelled, () => ({ status: 'canceled' }))
// 5 a decision with an event that the aggregate does not fold
// @ts-expect-error
Order.decide(cancel, 'orderId', () => [Shipped({ carrier: 'x' })])
// 6 an unknown rejection
// @ts-expect-error
Order.decide(cancel, 'orderId', () => cancel.reject('not_place'))
// 7 a rejection of another command
// @ts-expect-error
Order.decide(cancel, 'orderId', () => place.reject('order_exists'))
// 8 a forgotten result
// @ts-expect-error
Order.decide(place, 'orderId', () => [Placed({ customerId: 'c', totalPence: 1, lines: [] })])
// 9 a wrong result
// @ts-expect-error
Order.decide(place, 'orderId', () => place.accept([], { total: 1 }))
// 10 an asynchronous decider
// @ts-expect-error
Order.decide(cancel, 'orderId', async () => [Cancelled({ reason: '' })])
// 11 a wrong id field
// @ts-expect-error
Order.decide(cancel, 'orderID', () => [])
// 12 a handler with a wrong result
// @ts-expect-error
handle(get, async () => ({ status: 'x', totalPence: '1', version: 1 }))
// 13 a handler that forgot to return
// @ts-expect-error
handle(move, nothing)
// 14 a domain event without an aggregate
// @ts-expect-error
handle(cancel, async (_, { emit }) => emit(Cancelled({ reason: '' })))
// 15 a foreign event on a loaded aggregate
// @ts-expect-error
handle(cancel, async (_, { load }) => (await load(Order, 'a')).emit(Shipped({ carrier: '' })))
// 16 a missing permission
// @ts-expect-error
domain('Order', { handlers: [cancelling, getting], permissions: { 'Order.Get': 'anonymous' } })
// 17 a permission with a typing error
// @ts-expect-error
domain('Order', { handlers: [handle(get, async () => null)], permissions: { 'Order.Get': 'anonymus' } })
// 18 a contract of another domain
// @ts-expect-error
domain('Order', { handlers: [handle(charge, nothing)], permissions: 'anonymous' })
// 19 a command that no domain handles
// @ts-expect-error
await running.dispatch(charge())
// 20 a query that is dispatched
// @ts-expect-error
await running.dispatch(get({ orderId: 'a' }))
// 21 a read model with a wrong row
// @ts-expect-error
days.on(Placed, key, (row) => ({ ...row, pence: '1' }))
// 22 an asynchronous read model
// @ts-expect-error
days.on(Placed, key, async (row) => row)
// 23 a result that was not checked for
const outcome = await running.dispatch(place({ orderId: 'a', customerId: 'b', lines: [] }))
// @ts-expect-error
void outcome.result.totalPence
// 24 an unknown code of a rejection
// @ts-expect-error
export const isNope = !outcome.ok && outcome.rejection.code === 'nope'
// 29 a plain number as a token
// @ts-expect-error
await running.query(get({ orderId: 'a' }), { after: 3 })
// 31 a permission that says false
// @ts-expect-error
domain('Order', { handlers: [handle(get, async () => null)], permissions: { 'Order.Get': () => false } })
// 32 rejection details that are missing
// @ts-expect-error
place.reject('over_limit')
// 33 a job that is dispatched
// @ts-expect-error
await running.dispatch(sendReceipt({ orderId: 'a' }))
// 34 a result that would not survive JSON
// @ts-expect-error
query('Order.When', { result: { '~standard': { version: 1, vendor: 'x', validate: () => ({ value: new Date(0) }) } } })
// 35 snapshots of a state that does not survive JSON
// @ts-expect-error
aggregate('A', () => ({ since: new Date(0) }), { snapshotEvery: 100 })
// 36 a personal field with a typing error
// @ts-expect-error
event('Order.Reviewed', review, { personal: { fields: ['nam'] } })
// 37 a subject that is no text
// @ts-expect-error
event('Order.Reviewed', review, { personal: { subject: 'stars', fields: ['name'] } })
// 38 a personal field that is taken as if nobody could be erased
// @ts-expect-error
aggregate('A', () => ({ name: '' })).on(Reviewed, (_, { name }) => ({ name }))
// 39 a key of a row that may be erased
// @ts-expect-error
days.on(Reviewed, ({ name }) => name, same)
// 40 a revision that says nothing of a personal field that is gone
// @ts-expect-error
Reviewed.revise(signedReview, (old) => ({ ...old, signature: 'x' }))
// 41 a revision that takes an old personal field as if nobody could be erased
// @ts-expect-error
Reviewed.revise(review, (old) => ({ ...old, name: old.name.trim() }))
// 42 an event with an erased value
// @ts-expect-error
Reviewed({ reviewerId: 'r', name: { erased: true }, stars: 1 })
// 43 a subscriber of a presentation event
// @ts-expect-error
subscriber('S').on(OrdersChanged, nothing)
// 44 a subscriber of a command
// @ts-expect-error
subscriber('S').on(place, nothing)
// 45 an unknown field of an event
// @ts-expect-error
subscriber('S').on(Placed, ({ totalPense }) => void totalPense)
// 46 a subscriber that forgets the erased
// @ts-expect-error
subscriber('S').on(Reviewed, ({ name }) => void name.trim())
// 47 a subscriber that chooses the id of what it sends
// @ts-expect-error
subscriber('S').on(Placed, (_, { dispatch }) => dispatch(cancelled, { commandId: 'x' }))
// 48 a subscriber that dispatches an event
// @ts-expect-error
subscriber('S').on(OrderPlaced, (_, { dispatch }) => dispatch(Cancelled({ reason: '' })))
// 49 a subscriber with a typing error in its options
// @ts-expect-error
subscriber('S', { durabel: false })
// 50 a command that is invalidated
// @ts-expect-error
domain('Order', { ...answering, invalidates: [[Placed, [place]]] })
// 51 a query of another domain that is invalidated
// @ts-expect-error
domain('Order', { ...answering, invalidates: [[Placed, [balance]]] })
// 52 a presentation event that invalidates
// @ts-expect-error
domain('Order', { ...answering, invalidates: [[OrdersChanged, [get]]] })
// 53 a history that is asked for by a text
// @ts-expect-error
await running.query(get({ orderId: 'a' }), { history: 'all' })
// 54 a history with a typing error
// @ts-expect-error
await running.query(get({ orderId: 'a' }), { historie: true })
// 55 a history of something that is no aggregate
// @ts-expect-error
handle(get, async (_, { history }) => history(days, 'a').then(() => null))
// 56 an event in the place of a command
// @ts-expect-error
process.on(Placed, key, () => ({ send: [Cancelled({ reason: '' })] }))
// 57 a wrong payload of what is sent
// @ts-expect-error
process.on(Placed, key, () => ({ send: [later(1_000, cancel({ orderID: 'a', reason: '' }))] }))
// 58 another state of a process
// @ts-expect-error
process.on(Placed, key, () => ({ state: { sent: '1' } }))
// 59 a state of a process that is no JSON
// @ts-expect-error
processManager('Order.Dates', () => ({ since: new Date(0) }))
// 60 details that a rejection does not have
// @ts-expect-error
process.onRejected(cancel, (_, { rejection }) => ({ state: { sent: rejection.details.sent } }))
// 61 a process manager of a presentation event
// @ts-expect-error
process.on(OrdersChanged, key, () => ({}))
// 62 a command that a cron begins
// @ts-expect-error
cron('Order.Nightly', { schedule: '0 2 * * *', job: () => cancelled })

// The same without the mistake compiles, so that each error above is the one that it is about.
place({ orderId: 'a', customerId: 'b', lines: [{ sku: 's', quantity: 2, pence: 1 }] })
Placed({ customerId: 'c', totalPence: 1, lines: [] })
event('Order.Reviewed', review, { personal: { fields: ['name'] } })
event('Order.Reviewed', review, { personal: { subject: 'reviewerId', fields: ['name'] } })
aggregate('A', () => ({ name: '' })).on(Reviewed, (_, { name }) => ({ name: isErased(name) ? 'gone' : name }))
days.on(Reviewed, ({ reviewerId }) => reviewerId, same)
Reviewed.revise(signedReview, (old) => ({ ...old, signature: 'x' }), { personal: 'none' })
Reviewed.revise(review, (old) => ({ ...old, name: isErased(old.name) ? old.name : old.name.trim() }))
Reviewed({ reviewerId: 'r', name: 'n', stars: 1 })
aggregate('A', () => ({ status: 'new' as 'new' | 'done' })).on(Cancelled, () => ({ status: 'done' }))
Order.decide(cancel, 'orderId', () => [Cancelled({ reason: 'x' })])
Order.decide(cancel, 'orderId', () => cancel.reject('not_placed'))
Order.decide(
  cancel,
  ({ orderId }) => orderId,
  () => [],
)
Order.decide(place, 'orderId', () =>
  place.accept([Placed({ customerId: 'c', totalPence: 1, lines: [] })], { totalPence: 1 }),
)
handle(get, async () => ({ status: 'x', totalPence: 1, version: 1 }))
handle(move, async () => ({ moved: 1 }))
handle(move, async () => move.reject('not_placed'))
handle(cancel, async (_, { emit }) => emit(sendReceipt({ orderId: 'a' })))
handle(cancel, async (_, { load }) => (await load(Order, 'a')).emit(Cancelled({ reason: '' })))
domain('Order', { handlers: [handle(get, async () => null)], permissions: { 'Order.Get': () => undefined } })
domain('Order', {
  handlers: [handle(salesOf, async () => [])],
  permissions: { 'Order.SalesByDay': ({ from }) => void from.length },
})
domain('Billing', { handlers: [handle(charge, nothing)], permissions: 'anonymous' })
days.on(Placed, key, (row) => ({ ...row, pence: 1 }))
if (outcome.ok) void outcome.result.totalPence
export const isOverLimit = !outcome.ok && outcome.rejection.code === 'over_limit'
await running.query(get({ orderId: 'a' }), { after: outcome.token })
await running.query(get({ orderId: 'a' }), { history: true })
handle(get, async (_, { history }) => history(Order, 'a').then(() => null))
place.reject('over_limit', { limitPence: 1 })
export const known: Running<'Order.Place' | 'Order.Cancel' | 'Order.Move', 'Order.Get' | 'Order.SalesByDay'> = running
void orderDomain
subscriber('S', { durable: false })
  .on(Placed, ({ totalPence }) => void totalPence)
  .on(Reviewed, ({ name }) => void (isErased(name) || name.trim()))
  .on(OrderPlaced, (_, { dispatch }) => dispatch(cancelled, { expectedVersion: 1 }))
  .onAny(nothing)
domain('Order', { ...answering, invalidates: [[Placed, [get]]] })
process
  .on(Placed, key, ({ sent }, { totalPence }) => ({ state: { sent: sent + totalPence }, send: [cancelled] }))
  .on(Reviewed, key, (_, { name }) => ({ end: isErased(name) }))
  .on(OrderPlaced, key, () => ({ send: [later(1_000, cancelled), sendReceipt({ orderId: 'a' })] }))
  .onDeadline('unpaid', ({ sent }) => ({ state: { sent }, deadlinesMs: { unpaid: null } }))
  .onRejected(place, (_, { rejection }) =>
    rejection.code === 'over_limit' ? { state: { sent: rejection.details.limitPence } } : {},
  )
  .onFailed(sendReceipt, (_, { data: { orderId } }) => ({ send: [cancel({ orderId, reason: '' })] }))
  .onFailed(cancel, (_, { data: { orderId } }) => ({ send: [sendReceipt({ orderId })] }))
cron('Order.Nightly', { schedule: '0 2 * * *', job: ({ at }) => sendReceipt({ orderId: at }) })
