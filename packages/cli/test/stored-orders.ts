// A store with a few orders in it, on SQLite.
import { join } from 'node:path'
import type { Running } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { app, place } from './given/orders-app.ts'
import { temporaryFolder } from './run-gesta.ts'
import type { Place } from './run-gesta.ts'

export interface StoredOrders extends AsyncDisposable {
  readonly path: string
  /** Tells the tests' configuration where the store is. */
  readonly place: Place
  /** The app on this store. */
  start(): Promise<Running<string, string>>
}

/** Orders, ... of so many pence each; the app has ended. */
export async function storedOrders(...pence: readonly number[]): Promise<StoredOrders> {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'orders.db')
  const start = () => app.start({ store: sqlite(path) })
  await using running = await start()
  for (const [index, each] of pence.entries()) await running.dispatch(place({ orderId: `A-${index + 1}`, pence: each }))
  await running.caughtUp()
  return {
    path,
    place: { env: { GESTA_TEST_STORE: path } },
    start,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}
