// The backend in memory: for tests, for a first look, and as the illustration of what a backend is.
import type { Backend } from './backend.ts'
import { createMemoryEventStore } from './event/memory-event-store.ts'
import { createMemoryReadModelStore } from './read-model/memory-read-model-store.ts'

/** Keeps everything in this process until it ends. Reference: docs/reference/backends.md. */
export function memory(): Backend {
  return {
    backend: 'memory',
    open: async ({ ids }) => {
      const events = createMemoryEventStore(ids)
      const readModels = createMemoryReadModelStore()
      return {
        events,
        readModels,
        durability: 'none',
        [Symbol.asyncDispose]: async () => {
          await readModels[Symbol.asyncDispose]()
          await events[Symbol.asyncDispose]()
        },
      }
    },
  }
}
