// Several processes on one store, played by apps in one: each hears only of what it stores itself, as on a server's database.
import type { AnyDomain } from '../../src/app/domain.ts'
import { catalogueOf } from '../../src/app/catalogue.ts'
import type { Running } from '../../src/app/running.ts'
import { start } from '../../src/app/start.ts'
import type { StartOptions } from '../../src/app/start-options.ts'
import type { BackendRuntime, OpenBackend } from '../../src/stores/backend.ts'
import type { Commit } from '../../src/stores/commit.ts'
import type { EventStore } from '../../src/stores/event/event-store.ts'
import { memory } from '../../src/stores/memory-backend.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import type { FakeClock } from '../fake-clock.ts'

export interface SharedStore {
  readonly clock: FakeClock
  readonly runtime: BackendRuntime
  readonly events: EventStore
  /** Another process. `wrap` replaces methods of the store as it sees it. */
  process(
    domains: readonly AnyDomain[],
    options: Omit<StartOptions, 'store'>,
    wrap?: (events: EventStore) => Partial<EventStore>,
  ): Promise<Process>
}
export interface Process extends AsyncDisposable {
  readonly running: Running<string, string>
  /** Runs timers until it has settled. */
  does<Result>(going: Promise<Result>): Promise<Result>
  /** Reads of epochs that it has begun. */
  readonly reads: number
}

export async function createSharedStore(): Promise<SharedStore> {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  const real = await memory().open(runtime)
  return {
    clock,
    runtime,
    events: real.events,
    process: async (domains, options, wrap = () => ({})) => {
      const own = new WeakSet<Commit>()
      let reads = 0
      const events: EventStore = {
        ...real.events,
        commit: (commit, how) => {
          own.add(commit)
          return real.events.commit(commit, how)
        },
        onAppend: (listener) =>
          real.events.onAppend((stored) => {
            const mine = stored.filter(({ commit }) => own.has(commit))
            if (mine.length > 0) listener(mine)
          }),
        readTails: (read) => {
          if (read.streams.every(({ aggregateType }) => aggregateType === 'Gesta.Epoch')) reads++
          return real.events.readTails(read)
        },
        ...wrap(real.events),
        [Symbol.asyncDispose]: async () => undefined,
      }
      const opened: OpenBackend = { ...real, events, shared: true, [Symbol.asyncDispose]: async () => undefined }
      const store = { backend: 'memory', open: async () => opened }
      const running = await start<string, string>('test', catalogueOf(domains), { store, ...options }, runtime)
      return {
        running,
        does: (going) => clock.finish(going),
        get reads() {
          return reads
        },
        [Symbol.asyncDispose]: () => clock.finish(Promise.resolve(running[Symbol.asyncDispose]())),
      }
    },
  }
}
