// The app of the tests at work in this process, with its admin address, on a SQLite store.
import { writeFile, rm } from 'node:fs/promises'
import type { Running } from '@gesta/core'
import { serveAdmin } from '@gesta/http'
import { brokenFile } from './given/orders-app.ts'
import { storedOrders } from './stored-orders.ts'
import type { StoredOrders } from './stored-orders.ts'

export interface ServedOrders extends AsyncDisposable {
  readonly running: Running<string, string>
  readonly store: StoredOrders
  /** `--url` and the admin address. */
  readonly there: readonly string[]
  /** From now on the read model `totals` cannot take an event of 13 pence, or can. */
  breaks(isBroken: boolean): Promise<void>
}

export async function servedOrders(...pence: readonly number[]): Promise<ServedOrders> {
  await using opening = new AsyncDisposableStack()
  const store = opening.use(await storedOrders(...pence))
  const running = opening.use(await store.start())
  const admin = opening.use(await serveAdmin(running, { port: 0 }))
  const broken = `${store.path}.broken`
  process.env[brokenFile] = broken
  const opened = opening.move()
  return {
    running,
    store,
    there: ['--url', admin.url],
    breaks: (isBroken) => (isBroken ? writeFile(broken, '') : rm(broken, { force: true })),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
