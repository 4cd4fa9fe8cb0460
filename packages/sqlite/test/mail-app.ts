// An app whose subscriber sends a letter for every event, in two commands: what was sent twice would be counted twice.
import { aggregate, command, createApp, domain, event, subscriber } from '@gesta/core'
import type { SubscriberOptions } from '@gesta/core'
import { z } from 'zod'

export const place = command('Order.Place', { input: z.object({ number: z.int() }) })
const send = command('Letter.Send', { input: z.object({ text: z.string() }) })
const Placed = event('Order.Placed', z.object({ number: z.int() }))
const Sent = event('Letter.Sent', z.object({ text: z.string() }))
const Order = aggregate('Order', () => 0).on(Placed, (placed) => placed + 1)
const Letter = aggregate('Letter', () => 0).on(Sent, (sent) => sent + 1)
const sales = domain('Order', {
  permissions: 'anonymous',
  handlers: [
    Order.decide(
      place,
      () => 'all',
      (_, { number }) => [Placed({ number })],
    ),
  ],
})

/** Takes orders, and sends nothing. */
export const shopApp = createApp('mail', { domains: [sales] })

/** `ran` is called between the two commands of each run. */
export function mailApp(ran: (number: number) => void, options: SubscriberOptions = {}) {
  const mail = subscriber('Mail', { leaseMs: 300, ...options }).on(Placed, async ({ number }, { dispatch }) => {
    await dispatch(send({ text: `${number} a` }))
    ran(number)
    await dispatch(send({ text: `${number} b` }))
  })
  const letters = domain('Letter', {
    permissions: 'anonymous',
    handlers: [
      Letter.decide(
        send,
        () => 'all',
        (_, { text }) => [Sent({ text })],
      ),
    ],
    subscribers: [mail],
  })
  return createApp('mail', { domains: [sales, letters] })
}

/** Numbers as they were run for, and a promise of the moment at which all up to one are there. */
export function numbers() {
  const seen: number[] = []
  const waiting = new Map<number, () => void>()
  return {
    seen,
    ran: (number: number): void => {
      seen.push(number)
      waiting.get(number)?.()
    },
    upTo: (number: number): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (seen.includes(number)) resolve()
      waiting.set(number, resolve)
      return promise
    },
  }
}

/** The letters that a log holds, in its order. */
export function lettersIn(log: readonly { readonly type: string; readonly data: string }[]): readonly string[] {
  return log
    .filter(({ type }) => type === Sent.type)
    .map(({ data }) => (JSON.parse(data) as { readonly text: string }).text)
}

/** The letters of orders 1 to `last`, as they are once all are sent. */
export function lettersUpTo(last: number): readonly string[] {
  return Array.from({ length: last }, (_, at) => [`${at + 1} a`, `${at + 1} b`]).flat()
}
