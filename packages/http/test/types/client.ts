// Type tests: the client. Compiled, never run. Its types are the app's, and mistakes do not compile.
import type { AggregateHistory, HistoryAsked, Outcome, Token } from '@gesta/core'
import { createClient } from '../../src/client/index.ts'
import type { eventsApp } from '../events/events-app.ts'
import type { shop } from '../support/shop.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type IsAny<T> = 0 extends 1 & T ? true : false
function yes<_T extends true>(): void {}
function no<_T extends true | false>(_value: Equal<_T, false>): void {}

const client = createClient<typeof shop>({ baseUrl: '' })

const placed = await client.Order.Place({ orderId: 'a', pence: 1 }, { idempotencyKey: 'k', expectedVersion: 0 })
yes<Equal<typeof placed, Outcome<{ pence: number }, { exists: undefined; over_limit: { limitPence: number } }>>>()
if (!placed.ok && placed.rejection.code === 'over_limit') placed.rejection.details.limitPence satisfies number

const got = await client.Order.Get({ orderId: 'a' }, { after: placed.token })
yes<Equal<typeof got, { status: string; pence: number; note: string } | null>>()
yes<Equal<Awaited<ReturnType<typeof client.Order.Ping>>, 'pong'>>()
type Got = { status: string; pence: number; note: string }
const told = await client.Order.Get({ orderId: 'a' }, { history: { limit: 5 } })
yes<Equal<typeof told, (Got & { readonly history: readonly AggregateHistory[] }) | null>>()
const pong = await client.Order.Ping(undefined, { history: true })
yes<Equal<(typeof pong)['result'], 'pong'>>()
yes<Equal<Awaited<ReturnType<typeof client.Order.Get>>, Got | null>>()
const maybe = await client.Order.Get({ orderId: 'a' }, { history: undefined as HistoryAsked })
yes<Equal<typeof maybe, typeof got | typeof told>>()
no<IsAny<typeof told>>(true)
no<IsAny<typeof placed>>(true)
no<IsAny<typeof got>>(true)
no<IsAny<typeof client.Order>>(true)

await client.Order.Ping(undefined, { deadlineMs: 5 })
// @ts-expect-error options come second
await client.Order.Ping({ deadlineMs: 5 })
// @ts-expect-error no such contract
await client.Order.Plac({ orderId: 'a' })
// @ts-expect-error no such domain
await client.Ordr.Place({ orderId: 'a' })
// @ts-expect-error a number is no id
await client.Order.Cancel({ orderId: 1, reason: 'x' })
// @ts-expect-error a field is missing
await client.Order.Get({})
// @ts-expect-error a typo in a field
await client.Order.Place({ orderId: 'a', pence: 1, nota: '' })
// @ts-expect-error a token is no text
await client.Order.Get({ orderId: 'a' }, { after: 'text' })
await client.Order.Get({ orderId: 'a' }, { after: 'text' as Token })
// @ts-expect-error a text is no history
await client.Order.Get({ orderId: 'a' }, { history: 'all' })
// @ts-expect-error a typo in an option
await client.Order.Get({ orderId: 'a' }, { historie: true })
// @ts-expect-error commands have no history
await client.Order.Cancel({ orderId: 'a', reason: 'x' }, { history: true })
// @ts-expect-error queries have no idempotency keys
await client.Order.Get({ orderId: 'a' }, { idempotencyKey: 'k' })
// @ts-expect-error commands have no token to wait for
await client.Order.Place({ orderId: 'a', pence: 1 }, { after: placed.token })
// @ts-expect-error the outcome is checked before its result is used
void placed.result.pence
// @ts-expect-error an unknown rejection
if (!placed.ok && placed.rejection.code === 'nope') void 0
// @ts-expect-error events are no calls
await client.Order.Placed({ pence: 1, note: '' })

const events = createClient<typeof eventsApp>({ baseUrl: '' })
using shown = events.Order.Shown.subscribe((data) => yes<Equal<typeof data, { n: number }>>(), { onResync: () => {} })
void (shown.opened satisfies Promise<void>)
events.Gesta.QueriesInvalidated.subscribe(({ queries }) => queries satisfies readonly string[])
// @ts-expect-error no such event
events.Order.Show.subscribe(() => undefined)
// @ts-expect-error domain events do not leave
events.Order.Placed.subscribe(() => undefined)
// @ts-expect-error a presentation event is no call
events.Order.Shown({ n: 1 })
// @ts-expect-error a command is not subscribed to
events.Order.Place.subscribe(() => undefined)
// @ts-expect-error the data have their own type
events.Order.Shown.subscribe((data: { readonly n: string }) => data)
