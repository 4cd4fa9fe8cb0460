import { cancel, place, shop } from './shop.ts'

await using running = await shop.start()
const ann = { account: 'ann', session: 's-1', correlationId: 'request-1' }

const sold = await running.dispatch(place({ orderId: 'A-1', pence: 4200 }), { context: ann, idempotencyKey: 'k-1' })
await running.dispatch(place({ orderId: 'A-1', pence: 4200 }), { context: ann, idempotencyKey: 'k-1' })
await running.dispatch(cancel({ orderId: 'A-2', reason: 'late' }), { context: ann })
await running.dispatch(place({ orderId: 'A-3', pence: -1 }), { context: ann }).catch(() => undefined)

// What became of everything that Ann's request asked for, and why.
const { items } = await running.commandLog.list({ correlationId: 'request-1', order: 'oldest' })
for (const { commandType, status, payload, error } of items) console.log(commandType, status, payload, error?.code)

// What followed from the first command.
const trace = await running.commandLog.trace(sold.commandId)
for (const { type, position } of trace?.commands[0]?.events ?? []) console.log(type, position)

// The order that was never placed is placed, and its cancellation issued again, by somebody else.
await running.dispatch(place({ orderId: 'A-2', pence: 100 }))
const [rejected] = (await running.commandLog.list({ statuses: ['rejected'] })).items
if (rejected !== undefined) {
  const { commandId } = rejected
  const outcome = await running.commandLog.reissue({ commandId }, { context: { account: 'bob', session: 's-2' } })
  console.log(outcome.ok)
}
