import { z } from 'zod'
import { aggregate, command, createApp, domain, event, handle } from '@gesta/core'

const open = command('Account.Open', { input: z.object({ id: z.string(), pence: z.int() }) })
const transfer = command('Account.Transfer', {
  input: z.object({ from: z.string(), to: z.string(), pence: z.int().positive() }),
  result: z.object({ left: z.int() }),
  rejections: {
    too_little: { reason: 'The account has too little money.', details: z.object({ balance: z.int() }) },
  },
})
const Moved = event('Account.Moved', z.object({ pence: z.int() }))

const Account = aggregate('Account', () => ({ balance: 0 })).on(Moved, ({ balance }, { pence }) => ({
  balance: balance + pence,
}))

// Two streams, one commit. Both versions are conditions of it: if either account moves meanwhile, this runs again.
const handleTransfer = handle(transfer, async ({ from, to, pence }, { load }) => {
  const [payer, payee] = [await load(Account, from), await load(Account, to)]
  const { balance } = payer.state
  if (balance < pence) return transfer.reject('too_little', { balance })
  payer.emit(Moved({ pence: -pence }))
  payee.emit(Moved({ pence }))
  return { left: balance - pence }
})

const accounts = domain('Account', {
  permissions: 'anonymous',
  handlers: [Account.decide(open, 'id', (_, { pence }) => [Moved({ pence })]), handleTransfer],
})

await using running = await createApp('bank', { domains: [accounts] }).start()
await running.dispatch(open({ id: 'ann', pence: 100 }))

const first = await running.dispatch(transfer({ from: 'ann', to: 'bob', pence: 70 }))
if (first.ok) console.log(first.result)
const second = await running.dispatch(transfer({ from: 'ann', to: 'bob', pence: 70 }))
if (!second.ok) console.log(second.rejection.code, second.rejection.details)
