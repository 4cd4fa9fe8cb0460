// An app whose subscriber sends a letter for every event, in two commands: what was sent twice would be counted twice.
import { aggregate, command, createApp, domain, event, subscriber } from '@gesta/core'
import type { SubscriberOptions } from '@gesta/core'
import { z } from 'zod'

/** Places the orders of these numbers, all in one commit. */
export const place = command('Order.Place', { input: z.object({ from: z.int(), to: z.int() }) })
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
      (_, { from, to }) => Array.from({ length: to - from + 1 }, (__, at) => Placed({ number: from + at })),
    ),
  ],
})

/** Takes orders, and sends nothing. */
export const shopApp = createApp('mail', { domains: [sales] })

/** Where a run is: before its first command, between the two, behind the second. */
export type Step = 'begun' | 'between' | 'done'

/** `ran` is called at every step of each run. */
export function mailApp(ran: (number: number, step: Step) => void, options: SubscriberOptions = {}) {
  const mail = subscriber('Mail', options).on(Placed, async ({ number }, { dispatch }) => {
    ran(number, 'begun')
    await dispatch(send({ text: `${number} a` }))
    ran(number, 'between')
    await dispatch(send({ text: `${number} b` }))
    ran(number, 'done')
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

/** Numbers in the order in which they were run for, and a promise of the moment at which one of them is done. */
export function numbers() {
  const seen: number[] = []
  const done = new Map<number, PromiseWithResolvers<void>>()
  const doneOf = (number: number): PromiseWithResolvers<void> => {
    const known = done.get(number) ?? Promise.withResolvers<void>()
    done.set(number, known)
    return known
  }
  return {
    seen,
    ran: (number: number, step: Step): void => {
      if (step === 'begun') seen.push(number)
      if (step === 'done') doneOf(number).resolve()
    },
    done: (number: number): Promise<void> => doneOf(number).promise,
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
