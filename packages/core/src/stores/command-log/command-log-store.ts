// The command log: the headers that commits left, read back. Nothing writes here but the commit itself.
import type { OutcomeKind, StoredHeader } from '../commit.ts'
import type { Page, PageRequest, Store } from '../store.ts'

export interface CommandFilter {
  readonly tenant?: string | undefined
  readonly outcomes?: readonly OutcomeKind[] | undefined
  readonly commandType?: string | undefined
  /** Commands of one correlation: those that carry it, and the one whose id it is. */
  readonly correlationId?: string | undefined
  /** The identity or, without one, the account that sent it. */
  readonly sender?: string | undefined
  /** Inclusive, microseconds UTC. */
  readonly from?: number | undefined
  /** Exclusive, microseconds UTC. */
  readonly to?: number | undefined
  /** By commit number; default `newest`. */
  readonly order?: 'newest' | 'oldest' | undefined
}

/** Order: by commit number. A page is stable under concurrent writes. Errors: `store_*`, `invalid_key`. */
export interface CommandLogStore extends Store {
  get(tenant: string, commandId: string): Promise<StoredHeader | undefined>
  list(filter: CommandFilter, page?: PageRequest): Promise<Page<StoredHeader>>
  total(filter?: CommandFilter): Promise<number>
}
