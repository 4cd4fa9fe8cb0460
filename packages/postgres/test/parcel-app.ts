// An app whose jobs send a parcel each, in two commands: what was sent twice would be counted twice.
import { aggregate, command, createApp, domain, event, handle, job } from '@gesta/core'
import { z } from 'zod'

const send = command('Parcel.Send', { input: z.object({ text: z.string() }) })
const Sent = event('Parcel.Sent', z.object({ text: z.string() }))
const Parcels = aggregate('Parcel', () => 0).on(Sent, (sent) => sent + 1)
export const pack = job('Parcel.Pack', { input: z.object({ number: z.int() }) })

/** Where a run is: before its first command, between the two, behind the second. */
export type Step = 'begun' | 'between' | 'done'

/** `ran` is called at every step of each run. */
export function parcelApp(ran: (number: number, step: Step) => void) {
  const parcels = domain('Parcel', {
    permissions: 'anonymous',
    aggregates: [Parcels],
    handlers: [
      Parcels.decide(
        send,
        ({ text }) => text,
        (_, { text }) => [Sent({ text })],
      ),
      handle(pack, async ({ number }, { dispatch }) => {
        ran(number, 'begun')
        await dispatch(send({ text: `${number} a` }))
        ran(number, 'between')
        await dispatch(send({ text: `${number} b` }))
        ran(number, 'done')
      }),
    ],
  })
  return createApp('parcels', { domains: [parcels] })
}
