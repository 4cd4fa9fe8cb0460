// The app that publishes: each command is one number of one key, told to its own log and to everybody else.
import { aggregate, command, createApp, domain, event, integrationEvent } from '@gesta/core'
import { z } from 'zod'

const numbered = z.object({ key: z.string(), number: z.int() })

export const Numbered = integrationEvent('Source.Numbered', numbered)
export const send = command('Source.Send', { input: numbered })

const Sent = event('Source.Sent', z.object({ number: z.int() }))
const Line = aggregate('Line', () => 0).on(Sent, (_, { number }) => number)

export const sourceApp = createApp('ledger-source', {
  domains: [
    domain('Source', {
      permissions: 'anonymous',
      handlers: [Line.decide(send, 'key', (_, { key, number }) => [Sent({ number }), Numbered({ key, number })])],
      aggregates: [Line],
      emits: [Numbered],
    }),
  ],
})
