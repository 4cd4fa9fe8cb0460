// The app that is killed: accounts, and read models of every kind that follow them.
import { aggregate, command, createApp, domain, event, projection, readModel } from '@gesta/core'
import type { RecordedEvent } from '@gesta/core'
import type { ReadModelBackend } from '@gesta/core/ports'
import { z } from 'zod'
import { accountName, addedType, closedType, isHard, lineTables, modelFolds, noTrail } from '../models.ts'
import type { ModelName, Taken } from '../models.ts'
import type { Opening } from '../protocol.ts'

const Added = event(addedType, z.object({ amount: z.int() }))
const Closed = event(closedType, z.object({}))
export const add = command('Account.Add', { input: z.object({ account: z.string(), amounts: z.array(z.int()) }) })
export const close = command('Account.Close', { input: z.object({ account: z.string() }) })

export interface Hooks {
  /** Called in every handler. */
  readonly onHandler: () => void
  /** Whether what is hard to take fails. */
  isFailing: boolean
}

export function accounts(store: Opening['store'], hooks: Hooks, inMemory: ReadModelBackend) {
  const Account = aggregate(accountName, () => ({ events: 0, sum: 0 }))
    .on(Added, (state, { amount }) => ({ events: state.events + 1, sum: state.sum + amount }))
    .on(Closed, () => ({ events: 0, sum: 0 }))
  const options = store === 'memory' ? { backend: inMemory } : {}
  const folded = (name: ModelName, row: typeof noTrail, recorded: RecordedEvent): typeof noTrail | undefined => {
    hooks.onHandler()
    return modelFolds[name].fold(row, takenOf(recorded))
  }
  const keysOf = (name: ModelName, recorded: RecordedEvent): readonly string[] =>
    modelFolds[name].keys(takenOf(recorded))

  const shared = readModel('Account.Shared', () => noTrail, options)
    .on(
      Added,
      (_, recorded) => keysOf('Account.Shared', recorded),
      (row, _, recorded) => folded('Account.Shared', row, recorded),
    )
    .on(
      Closed,
      (_, recorded) => keysOf('Account.Shared', recorded),
      (row, _, recorded) => folded('Account.Shared', row, recorded),
    )
  const parking = readModel('Account.Parking', () => noTrail, {
    ...options,
    onFailure: 'park',
    attemptsMax: 2,
    parkedMax: 10_000,
    partitionBy: ({ aggregate: { id } }) => id,
  }).on(
    Added,
    (_, recorded) => keysOf('Account.Parking', recorded),
    (row, _, recorded) => {
      if (hooks.isFailing && isHard(takenOf(recorded))) throw new Error('too hard')
      return folded('Account.Parking', row, recorded)
    },
  )
  const everything = readModel('Account.Everything', () => noTrail, options).onAny(
    (_, recorded) => keysOf('Account.Everything', recorded),
    (row, _, recorded) => folded('Account.Everything', row, recorded),
  )
  const lines = readModel('Account.Lines', () => noTrail, { tables: lineTables })
    .on(
      Added,
      (_, recorded) => keysOf('Account.Lines', recorded),
      (row, _, recorded) => folded('Account.Lines', row, recorded),
    )
    .write(Added, (own, { amount }, { position, tenant, aggregate: { id } }) => {
      own.run(`INSERT INTO ${own.table('lines')} VALUES ($1, $2, $3, $4)`, [position, tenant, id, amount])
      own.run(
        `INSERT INTO ${own.table('sums')} AS known VALUES ($1, $2, $3)
         ON CONFLICT (tenant, account) DO UPDATE SET total = known.total + excluded.total`,
        [tenant, id, amount],
      )
    })
  return createApp('crash', {
    domains: [
      domain('Account', {
        permissions: 'anonymous',
        handlers: [
          Account.decide(add, 'account', (_, { amounts }) => amounts.map((amount) => Added({ amount }))),
          Account.decide(close, 'account', () => [Closed({})]),
        ],
        readModels: [
          shared,
          projection(Account, options),
          parking,
          everything,
          // Views in memory have no SQL.
          ...(store === 'memory' ? [] : [lines]),
        ],
      }),
    ],
  })
}

function takenOf({ position, tenant, type, aggregate: { id }, data }: RecordedEvent): Taken {
  return { position, tenant, type, account: id, amount: (data as { readonly amount?: number }).amount ?? 0 }
}
