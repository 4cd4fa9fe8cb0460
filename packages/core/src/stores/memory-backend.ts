// The backend in memory: for tests, for a first look, and as the illustration of what a backend is.
import { checkOptions } from '../schema/options.ts'
import type { Backend } from './backend.ts'
import { createMemoryAuditLog } from './audit/memory-audit-log.ts'
import { createMemoryCacheStore } from './cache/memory-cache-store.ts'
import { createMemoryCommandLog } from './command-log/memory-command-log.ts'
import { createMemoryCredentialStore } from './credential/memory-credential-store.ts'
import { createMemoryDataStore } from './data/memory-data-store.ts'
import { createMemoryEventStore } from './event/memory-event-store.ts'
import { createMemoryJobStore } from './job/memory-job-store.ts'
import { createMemoryKeyStore } from './key/memory-key-store.ts'
import { createMemoryLeaseStore } from './lease/memory-lease-store.ts'
import { createMemoryLogStore } from './log/memory-log-store.ts'
import { createMemoryOutboxStore } from './outbox/memory-outbox-store.ts'
import { createMemoryReadModelStore } from './read-model/memory-read-model-store.ts'
import { createMemorySeenStore } from './seen/memory-seen-store.ts'
import { createMemorySnapshotStore } from './snapshot/memory-snapshot-store.ts'

export interface MemoryOptions {
  /**
   * Lets `rewrite` and `reset` of the event store change what is stored; default: they are refused.
   * Reference: docs/reference/event-store.md.
   */
  readonly allowRewriting?: boolean | undefined
}

/** Keeps everything in this process until it ends. Reference: docs/reference/backends.md. */
export function memory(options: MemoryOptions = {}): Backend {
  checkOptions(options, ['allowRewriting'], 'memory()')
  const { allowRewriting = false } = options
  return {
    backend: 'memory',
    open: async ({ clock, ids }) => {
      const events = createMemoryEventStore(ids, allowRewriting)
      const readModels = createMemoryReadModelStore()
      const beside = {
        snapshots: createMemorySnapshotStore(),
        leases: createMemoryLeaseStore(clock),
        keys: createMemoryKeyStore(),
        credentials: createMemoryCredentialStore(),
        data: createMemoryDataStore(clock),
        cache: createMemoryCacheStore(clock),
        log: createMemoryLogStore(clock),
        seen: createMemorySeenStore(),
      }
      return {
        events,
        commandLog: createMemoryCommandLog(events),
        audit: createMemoryAuditLog(events),
        outbox: createMemoryOutboxStore(events),
        jobs: createMemoryJobStore(events, clock),
        readModels,
        ...beside,
        durability: 'none',
        [Symbol.asyncDispose]: async () => {
          for (const store of Object.values(beside)) await store[Symbol.asyncDispose]()
          await readModels[Symbol.asyncDispose]()
          await events[Symbol.asyncDispose]()
        },
      }
    },
  }
}
