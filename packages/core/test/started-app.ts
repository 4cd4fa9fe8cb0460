// An app on a held store and a fake clock, stopped when its test ends.
import { catalogueOf } from '../src/app/catalogue.ts'
import { start } from '../src/app/start.ts'
import type { StartOptions } from '../src/app/start-options.ts'
import type { AnyDomain } from '../src/app/domain.ts'
import type { Running } from '../src/app/running.ts'
import type { AuditLog } from '../src/stores/audit/audit-log.ts'
import type { EventStore } from '../src/stores/event/event-store.ts'
import type { BackendRuntime } from '../src/stores/backend.ts'
import type { ReadModelStore } from '../src/stores/read-model/read-model-store.ts'
import { createFakeClock, fakeRuntime } from './fake-clock.ts'
import type { FakeClock } from './fake-clock.ts'
import { holdStore } from './interfering-store.ts'
import type { HeldStore, Interference } from './interfering-store.ts'

export interface StartedApp extends AsyncDisposable {
  readonly running: Running<string, string>
  readonly store: EventStore
  readonly audit: AuditLog
  readonly readModels: ReadModelStore
  readonly held: HeldStore
  readonly clock: FakeClock
  readonly runtime: BackendRuntime
}
export interface StartedOptions extends Omit<StartOptions, 'store'> {
  readonly interfere?: Interference
  readonly wrap?: (events: EventStore) => Partial<EventStore>
  /** Starts on the store and clock of another app. */
  readonly beside?: StartedApp
  /** Default: one of its own. */
  readonly clock?: FakeClock
}

export async function startApp(
  domains: AnyDomain | readonly AnyDomain[],
  options: StartedOptions = {},
): Promise<StartedApp> {
  const { interfere, wrap, beside, clock: given, ...rest } = options
  const clock = beside?.clock ?? given ?? createFakeClock()
  const runtime = beside?.runtime ?? fakeRuntime(clock)
  const held = beside?.held ?? (await holdStore(runtime, interfere, wrap))
  const list = Array.isArray(domains) ? (domains as readonly AnyDomain[]) : [domains as AnyDomain]
  const running = await start<string, string>('test', catalogueOf(list), { store: held.backend, ...rest }, runtime)
  return {
    running,
    store: held.events,
    audit: held.audit,
    readModels: held.readModels,
    held,
    clock,
    runtime,
    [Symbol.asyncDispose]: () => clock.finish(Promise.resolve(running[Symbol.asyncDispose]())),
  }
}
