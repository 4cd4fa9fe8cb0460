// A memory backend that a test holds too: it looks into the store, writes beside the app, and can answer in the store's place.
import type { AuditLog } from '../src/stores/audit/audit-log.ts'
import type { Backend, BackendRuntime, OpenBackend } from '../src/stores/backend.ts'
import type { Commit, Expectation, Verdict } from '../src/stores/commit.ts'
import type { CommitOptions, EventStore, StoredEvent } from '../src/stores/event/event-store.ts'
import type { JobStore } from '../src/stores/job/job-store.ts'
import type { ReadModelStore } from '../src/stores/read-model/read-model-store.ts'
import type { SnapshotStore } from '../src/stores/snapshot/snapshot-store.ts'
import { memory } from '../src/stores/memory-backend.ts'

/** Called in the place of a store's `commit`; `next` is the real one. */
export type Interference = (
  commit: Commit,
  next: () => Promise<Verdict>,
  options: CommitOptions | undefined,
) => Promise<Verdict>
export interface HeldStore {
  /** What the app opens; opening it again is the same store, and closing it closes nothing. */
  readonly backend: Backend
  /** The store itself, without interference. */
  readonly events: EventStore
  readonly audit: AuditLog
  readonly readModels: ReadModelStore
  readonly jobs: JobStore
  /** A test may replace its methods. */
  readonly snapshots: { -readonly [name in keyof SnapshotStore]: SnapshotStore[name] }
}

/** Opens memory stores that outlive the apps on them. `wrap` replaces methods of the event store as the app sees it. */
export async function holdStore(
  runtime: BackendRuntime,
  interfere: Interference = (_, next) => next(),
  wrap: (events: EventStore) => Partial<EventStore> = () => ({}),
): Promise<HeldStore> {
  const real = await memory().open(runtime)
  const { events, readModels, snapshots } = real
  const seen: EventStore = {
    ...events,
    commit: (commit, options) => interfere(commit, () => events.commit(commit, options), options),
    ...wrap(events),
    [Symbol.asyncDispose]: async () => undefined,
  }
  const opened: OpenBackend = {
    ...real,
    events: seen,
    snapshots: { ...snapshots, [Symbol.asyncDispose]: async () => undefined },
    [Symbol.asyncDispose]: async () => undefined,
  }
  return {
    backend: { backend: 'memory', open: async () => opened },
    events,
    audit: real.audit,
    readModels,
    jobs: real.jobs,
    snapshots: opened.snapshots,
  }
}

/** A store that tells the app of nothing that is stored, as when another process does it; `held` keeps its readers waiting. */
export function deaf(held: Promise<void> = Promise.resolve()): (events: EventStore) => Partial<EventStore> {
  return (events) => ({
    onAppend: () => ({ [Symbol.dispose]: () => undefined }),
    readAll: (read) => held.then(() => events.readAll(read)),
  })
}

export interface Appended {
  readonly type: string
  readonly data: unknown
  readonly schemaVersion?: number
}
export interface Beside {
  readonly tenant?: string
  readonly expectation?: Expectation
}
let written = 0

/** Stores events beside the app, as another process would. */
export async function appendBeside(
  store: EventStore,
  stream: string,
  events: readonly Appended[],
  beside: Beside = {},
): Promise<Verdict> {
  const [aggregateType = '', aggregateId = ''] = stream.split('/')
  return store.commit({
    commandId: `beside-${++written}`,
    tenant: beside.tenant ?? '',
    context: '{}',
    recordedAt: 1_700_000_000_000_000,
    streams: [
      {
        aggregateType,
        aggregateId,
        expectation: beside.expectation ?? 'any',
        events: events.map(({ type, data, schemaVersion = 1 }) => ({
          type,
          schemaVersion,
          data: JSON.stringify(data),
        })),
      },
    ],
    reads: [],
    header: {
      commandType: 'Beside.Write',
      outcome: 'accepted',
      answer: undefined,
      version: undefined,
      fingerprint: undefined,
    },
    idempotency: undefined,
    messages: [],
    jobs: [],
    audit: [],
  })
}

/** The whole log. */
export function wholeLog(store: EventStore): Promise<readonly StoredEvent[]> {
  return store.readAll({ after: 0, limit: 10_000 })
}
