// The credentials of two processes on the same data: one store in memory or in a file, asked by both; on PostgreSQL one of each.
import type { Credentials } from '@gesta/core'
import { openIdentity } from './open-identity.ts'
import { sharedStore, skip, storesOfOne } from './stores.ts'

export type Processes = readonly [Credentials, Credentials]
export interface Place {
  readonly name: string
  /** For a test on it: skipped without PostgreSQL. */
  readonly options: { readonly skip?: string | false }
  /** How often something drawn is tried there. */
  readonly numRuns: number
  run(inProcesses: (processes: Processes) => Promise<void>): Promise<void>
}

export const places: readonly Place[] = [
  ...Object.entries(storesOfOne).map(([name, place]): Place => ({
    name,
    options: {},
    numRuns: name === 'memory' ? 200 : 25,
    run: async (inProcesses) => {
      await using opened = await place()
      await using app = await openIdentity({ store: opened.store })
      const { credentials } = app.app.stores
      await inProcesses([credentials, credentials])
    },
  })),
  {
    name: 'two processes on PostgreSQL',
    options: { skip },
    numRuns: 25,
    run: async (inProcesses) => {
      const store = await sharedStore()
      await using one = await openIdentity({ store: store() })
      await using other = await openIdentity({ store: store(), beside: one })
      await inProcesses([one.app.stores.credentials, other.app.stores.credentials])
    },
  },
]
