// What must be inferred, and what must not compile. `mistakes` is never called: the type check of the workspace is its test.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  captureCommandEvents,
  createRegistry,
  emitDomain,
  emitPresentation,
  executeCommand,
  executeCommandForRole,
  executeJob,
  executeQuery,
  publishDomain,
  registerCommand,
  registerDomainEvent,
  registerQuery,
} from '@gesta/core/registry'
import type { Recorder, Registry, RunContext } from '@gesta/core/registry'
import { z } from 'zod'
import { command } from '../../src/contracts/define.ts'
import { cancel, get, order, place, Placed, remind, Shipped, Shown } from './orders.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_equal: Equal<A, B>): void => undefined

test('types follow from contracts', async () => {
  const registry = createRegistry()
  const parsing = command('Order.Parse', { input: z.object({ day: z.string().transform((text) => text.length) }) })
  registerCommand(registry, parsing, (input) => same<typeof input, { day: number }>(true))
  registerCommand(registry, place, (input, recorder) => {
    same<typeof input, { orderId: string; pence: number }>(true)
    same<typeof recorder, Recorder>(true)
    return input.pence > 5 ? place.reject('over_limit', { limit: 5 }) : { number: 1 }
  })
  registerQuery(registry, get, (input, run) => {
    same<typeof input, { orderId: string }>(true)
    same<typeof run, RunContext>(true)
    return { status: 'new' }
  })
  registerDomainEvent(registry, Placed, (data) => same<typeof data, { pence: number }>(true))

  const found = await executeQuery(registry, get({ orderId: 'A-1' }))
  same<typeof found, { status: string }>(true)
  const answer = await executeCommand(registry, place(order))
  if (answer.ok) same<typeof answer.result, { number: number }>(true)
  else if (answer.rejection.code === 'over_limit') same<typeof answer.rejection.details, { limit: number }>(true)
  else same<typeof answer.rejection.code, 'exists'>(true)
  const captured = await captureCommandEvents(registry, place({ orderId: 'A-1', pence: 1 }))
  assert.equal(captured.ok && captured.result.number, 1)
})

/* oxlint-disable-next-line no-unused-vars */
async function mistakes(registry: Registry, recorder: Recorder, run: RunContext): Promise<void> {
  // @ts-expect-error: no such field in the input
  registerCommand(registry, place, (input) => ({ number: input.count }))
  // @ts-expect-error: not the declared result
  registerCommand(registry, place, () => ({ number: 'one' }))
  // @ts-expect-error: not the declared result, as a promise
  registerCommand(registry, place, async () => ({ total: 1 }))
  // @ts-expect-error: a rejection of another contract
  registerCommand(registry, cancel, () => place.reject('exists'))
  // @ts-expect-error: a query is no command
  registerCommand(registry, get, () => ({ status: '' }))
  // @ts-expect-error: no such role
  registerCommand(registry, cancel, () => undefined, { roles: ['root'] })
  // @ts-expect-error: a query's run context has no recorder
  registerQuery(registry, get, (_, { emit }) => ({ status: emit }))
  // @ts-expect-error: another category
  registerDomainEvent(registry, Shown, () => undefined)
  // @ts-expect-error: another category
  emitDomain(recorder, Shipped({ parcel: '' }))
  // @ts-expect-error: a command is no event
  emitDomain(recorder, cancel({ orderId: '' }))
  // @ts-expect-error: wrong data
  emitDomain(recorder, Placed({ pence: 'much' }))
  // @ts-expect-error: a run context cannot emit
  emitPresentation(run, Shown({ text: '' }))
  // @ts-expect-error: wrong payload
  await executeCommand(registry, place({ orderId: 1, pence: 1 }))
  // @ts-expect-error: a query is no command
  await executeCommand(registry, get({ orderId: '' }))
  // @ts-expect-error: a command is no job
  await executeJob(registry, cancel({ orderId: '' }))
  // @ts-expect-error: any is for registrations
  await executeCommandForRole(registry, 'any', cancel({ orderId: '' }))
  // @ts-expect-error: a sink is no destination
  await executeCommand(registry, cancel({ orderId: '' }), { sink: { storeEvents: async () => undefined } })
  // @ts-expect-error: a capture has no sink
  await captureCommandEvents(registry, cancel({ orderId: '' }), { sink: () => undefined })
  // @ts-expect-error: a presentation event is never input of domain subscribers
  await publishDomain(registry, Shown({ text: '' }))
  // @ts-expect-error: no registry
  await executeJob({ contractsForRole: () => [] }, remind({ orderId: '' }))
}
