// `gesta handlers`: what handles the events of a running app, and how it goes.
import { adminApi, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { grouped } from '../numbers.ts'
import { allRows, askedOf, viewpointOption } from '../runtime-api.ts'
import { tableOf } from '../table.ts'

interface EventHandler {
  readonly name: string
  readonly kind: string
  readonly restorable: boolean
  readonly state: string
  readonly owned: boolean
  readonly lastError?: string
  readonly metrics: { readonly processed?: number; readonly failed?: number; readonly lagEvents?: number }
  readonly parked?: number
}

export const handlers: Command = defineCommand({
  name: 'handlers',
  operands: [],
  about: 'Read models, subscribers and process managers of a running app, with state and counters',
  details:
    'Counters are those of the process that was asked, since its start: one that does not run a handler counts nothing for it.',
  options: { ...adminOptions, ...viewpointOption, domain: { value: 'DOMAIN', about: 'only those of this domain' } },
  run: async ({ values }) => {
    const { tenant, domain } = values
    const value = await allRows<EventHandler>(adminApi(values), askedOf(tenant, 'event-handler-list'), { domain })
    return { text: handlerTable(value), value }
  },
})

function handlerTable(rows: readonly EventHandler[]): string {
  if (rows.length === 0) return 'No event handlers.'
  const count = (given: number | undefined): string => (given === undefined ? '' : grouped(given))
  return tableOf([
    ['handler', 'kind', 'state', 'here', 'processed', 'failed', 'behind', 'parked', 'last error'],
    ...rows.map(({ name, kind, state, owned, metrics, parked, lastError = '' }) => [
      name,
      kind,
      state,
      owned ? 'yes' : 'no',
      count(metrics.processed),
      count(metrics.failed),
      count(metrics.lagEvents),
      count(parked),
      lastError,
    ]),
  ])
}
