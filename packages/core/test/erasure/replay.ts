// Views that are built anew: what a read model sees of a log from its start.
import { createMemoryReadModelStore } from '../../src/stores/read-model/memory-read-model-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import { customerDomain, encryption, readNames } from './customers.ts'

/** What views say that are built from the start of the same log. */
export async function replay(
  app: StartedApp,
  under = encryption,
): Promise<{ readonly replayed: readonly string[]; readonly known: boolean }> {
  const backend = await app.held.backend.open(app.runtime)
  const readModels = createMemoryReadModelStore()
  const held = {
    ...app.held,
    readModels,
    backend: { backend: 'memory', open: async () => ({ ...backend, readModels }) },
  }
  await using anew = await startApp(customerDomain, { encryption: under, beside: { ...app, held } })
  await anew.clock.finish(anew.running.caughtUp())
  const { names, known } = await anew.running.query(readNames({ customerId: 'ann' }))
  return { replayed: names, known }
}
