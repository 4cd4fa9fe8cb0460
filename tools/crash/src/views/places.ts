// Where runs with views have their stores: a file, or a schema of a server; another one now and then, so that logs stay short.
import { postgres } from '@gesta/postgres'
import type { OwnServer } from '@gesta/services'
import type { OpenBackend } from '@gesta/core/ports'
import type { CrashStep } from '@gesta/core/testing'
import type { Harm } from '../place.ts'
import { newPostgresPlace } from '../postgres-place.ts'
import { runtime } from '../runtime.ts'
import { newSqlitePlace } from '../sqlite-place.ts'
import { endFlush } from './end-flush.ts'
import type { Opening } from './protocol.ts'

export interface ViewsPlace extends AsyncDisposable {
  readonly store: Opening['store']
  /** Steps of a flush of the adapter. */
  readonly steps: readonly CrashStep[]
  readonly harms: readonly Harm[]
  opening(): Pick<Opening, 'store' | 'at' | 'schema'>
  /** Opens the store in this process, when no other one is left that writes. */
  open(): Promise<OpenBackend>
  /** Resolves when nothing is being done any more for a process that has ended. */
  quiet(): Promise<void>
  /** Takes another, empty store. */
  renew(): Promise<void>
}

export async function newFilePlace(store: 'sqlite' | 'memory'): Promise<ViewsPlace> {
  let place = await newSqlitePlace()
  return {
    store,
    steps:
      store === 'memory' ? [] : ['flush-begun', 'flush-moved', 'flush-written', 'flush-committing', 'flush-committed'],
    harms: [],
    opening: () => ({ store, at: place.opening().at }),
    open: () => place.open(),
    quiet: () => place.quiet(),
    renew: async () => {
      await place[Symbol.asyncDispose]()
      place = await newSqlitePlace()
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  }
}

/** The server is ended with the place. */
export async function newServerPlace(server: OwnServer): Promise<ViewsPlace> {
  const place = await newPostgresPlace(server)
  let taken = 1
  const schema = (): string => `crash_${taken}`
  return {
    store: 'postgres',
    steps: ['flush-sending', 'flush-sent', 'flush-answered'],
    harms: [
      ...place.harms,
      {
        name: 'a session is ended while it writes a view',
        run: () => endFlush(server.url, schema()),
      },
    ],
    opening: () => ({ store: 'postgres', at: place.opening().at, schema: schema() }),
    open: () => postgres({ url: server.url, schema: schema() }).open(runtime),
    quiet: () => place.quiet(),
    renew: async () => void (taken += 1),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  }
}
