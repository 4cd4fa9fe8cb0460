// An app that takes payments, and a caller who sends the same one many times at once.
import { aggregate, command, createApp, domain, event } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { z } from 'zod'

export const key = 'payment-1'
const pay = command('Account.Pay', { input: z.object({ cents: z.int() }), result: z.object({ balance: z.int() }) })
const Paid = event('Account.Paid', z.object({ cents: z.int() }))
const Account = aggregate('Account', () => 0).on(Paid, (balance, { cents }) => balance + cents)
const accounts = domain('Account', {
  permissions: 'anonymous',
  handlers: [
    Account.decide(
      pay,
      () => 'ann',
      (balance, { cents }) => pay.accept([Paid({ cents })], { balance: balance + cents }),
    ),
  ],
})

/** Starts the app on a store and sends a payment `times` times at once under one key, each time as a command of its own. The answers. */
export async function payAtOnce(store: Backend, run: string, times: number): Promise<readonly string[]> {
  await using app = await createApp('accounts', { domains: [accounts] }).start({ store })
  const context = { account: 'ann', session: 'ann-1' }
  const requests = Array.from({ length: times }, (_, at) =>
    app.dispatch(pay({ cents: 100 }), { context, idempotencyKey: key, commandId: `${run}-${at}` }),
  )
  return (await Promise.all(requests)).map((answer) => JSON.stringify(answer))
}
