// The read models of the runs with views: what each one keeps of an event, said once, for the app that is killed and for the look at
// what is left of its views.
import type { OwnTables } from '@gesta/core/ports'

/** What a read model is given of an event, however it was read. */
export interface Taken {
  readonly position: number
  readonly tenant: string
  readonly type: string
  /** The account that it is of. */
  readonly account: string
  readonly amount: number
}
export interface Trail {
  readonly events: number
  /** Tells a lost, doubled or exchanged event. */
  readonly chain: number
}
export const noTrail: Trail = { events: 0, chain: 0 }

export const accountName = 'Account'
export const addedType = 'Account.Added'
export const closedType = 'Account.Closed'
/** The tables of `Account.Lines`. */
export const lineTables: OwnTables = {
  names: ['lines', 'sums'],
  create: (table) => [
    `CREATE TABLE ${table('lines')} (position bigint PRIMARY KEY, tenant text NOT NULL, account text NOT NULL, amount bigint NOT NULL)`,
    `CREATE TABLE ${table('sums')} (tenant text NOT NULL, account text NOT NULL, total bigint NOT NULL, PRIMARY KEY (tenant, account))`,
  ],
}

/** A row more in the chain. */
function chained({ events, chain }: Trail, { position, amount }: Taken): Trail {
  return { events: events + 1, chain: (chain * 31 + position * 7 + amount) % 1_000_003 }
}

export interface ModelFold {
  /** The rows that an event touches. */
  readonly keys: (event: Taken) => readonly string[]
  /** A row after it; `undefined` deletes it. */
  readonly fold: (row: Trail, event: Taken) => Trail | undefined
  /** Whether it has tables of its own. */
  readonly hasTables?: true
}
const isAdded = ({ type }: Taken): boolean => type === addedType

/** The keyed read models by name; the projection of accounts is beside them. */
export const modelFolds = {
  // Accounts share rows, and closing an account deletes the row.
  'Account.Shared': {
    keys: ({ account }) => [`all ${account.length}`, account.slice(0, 2)],
    fold: (row, event) => (isAdded(event) ? chained(row, event) : undefined),
  },
  'Account.Lines': {
    keys: (event) => (isAdded(event) ? [event.account] : []),
    fold: (row, event) => chained(row, event),
    hasTables: true,
  },
  'Account.Parking': {
    keys: (event) => (isAdded(event) ? [event.account] : []),
    fold: (row, event) => chained(row, event),
  },
  'Account.Everything': { keys: ({ type }) => [type, 'all'], fold: (row, event) => chained(row, event) },
} as const satisfies { readonly [name: string]: ModelFold }
export type ModelName = keyof typeof modelFolds

/** What the handler of `Account.Parking` cannot take as long as it is told to fail. */
export function isHard({ account, amount }: Taken): boolean {
  return account.endsWith('3') && amount % 4 === 0
}
