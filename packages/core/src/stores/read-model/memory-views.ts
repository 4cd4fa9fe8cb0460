// Views in memory for one read model, whatever the app's store is.
import { createMemoryReadModelStore } from './memory-read-model-store.ts'
import type { ReadModelBackend } from './read-model-backend.ts'

/**
 * Keeps the views of a read model in this process until it ends: the option `backend` of `readModel`. Every process has its own, built
 * from the start of the log. Reference: docs/reference/read-models.md.
 */
export function memoryViews(): ReadModelBackend {
  return { backend: 'memory', open: async () => createMemoryReadModelStore() }
}
