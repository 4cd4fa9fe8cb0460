import { command, memoryCommandLog, openCommandLog, withCommandLog } from '@gesta/core'
import { createRegistry, registerCommand, registryBus } from '@gesta/core/registry'
import { z } from 'zod'

const pay = command('Invoice.Pay', {
  input: z.object({ invoice: z.string(), card: z.string() }),
  rejections: { paid: 'It is paid already.' },
  redact: { card: 'secret' },
})
const paid = new Set<string>()
const registry = createRegistry()
registerCommand(registry, pay, ({ invoice }) => {
  if (paid.has(invoice)) return pay.reject('paid')
  paid.add(invoice)
  return undefined
})

await using log = await openCommandLog(memoryCommandLog())
await using bus = withCommandLog(registryBus(registry), log, { contracts: [pay] })

const context = { account: 'ann' }
await bus.dispatch(pay({ invoice: 'I-1', card: '4111 1111' }), { context })
await bus.dispatch(pay({ invoice: 'I-1', card: '4111 1111' }), { context })

const { items } = await log.list({ sender: 'ann', order: 'oldest' })
for (const { status, payload, error } of items) console.log(status, payload, error?.code)
console.log(bus.status.recorded, bus.status.lost)
