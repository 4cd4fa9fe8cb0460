// Several processes on one log, one shared store of views and one store of leases. A process can be stopped as a whole, its time too, and
// continued, or never; and the flushes of its views can be disturbed.
import { catalogueOf } from '../../src/app/catalogue.ts'
import type { AnyDomain } from '../../src/app/domain.ts'
import type { Running } from '../../src/app/running.ts'
import { start } from '../../src/app/start.ts'
import type { StartOptions } from '../../src/app/start-options.ts'
import type { BackendRuntime, OpenBackend } from '../../src/stores/backend.ts'
import type { EventStore } from '../../src/stores/event/event-store.ts'
import { memory } from '../../src/stores/memory-backend.ts'
import type { ReadModelStore, View } from '../../src/stores/read-model/read-model-store.ts'
import type { Clock } from '../../src/time/clock.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import type { FakeClock } from '../fake-clock.ts'

/**
 * What becomes of the next flush: it fails before it is written, is written and its answer is lost, the process is stopped before it,
 * or it takes a while.
 */
export type FlushFault = 'refused' | 'unanswered' | 'frozen' | 'late'
export interface Process {
  readonly running: Running<string, string>
  /** The log as it sees it. */
  readonly log: EventStore
  readonly isFrozen: boolean
  /** Stops it: nothing of it goes on, and what it asks is asked when it is continued. */
  freeze(): void
  /** Continues it: what it was about to say is said first, before it hears of the time. */
  thaw(): Promise<void>
  /** What becomes of its next flushes. */
  readonly faults: (FlushFault | undefined)[]
  /** Flushes that it has asked for, with the answers. */
  readonly flushes: (boolean | Error)[]
  stop(): Promise<void>
}
export interface StartedOptions extends Omit<StartOptions, 'store'> {
  /** What becomes of its first flushes. */
  readonly faults?: readonly FlushFault[]
}
export interface Cluster {
  readonly clock: FakeClock
  readonly runtime: BackendRuntime
  readonly backend: OpenBackend
  /** As every process sees it, without disturbance. */
  readonly views: ReadModelStore
  start(domains: readonly AnyDomain[], options?: StartedOptions): Promise<Process>
  /** Lets time pass until something is so. */
  until(condition: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>
  /** The rows of what queries read, in the order of tenant and key. */
  rows(name: string, modelVersion?: number): Promise<readonly (readonly [string, string, string])[]>
}
const lateMs = 2
type Step = (...given: unknown[]) => unknown

export async function openCluster(): Promise<Cluster> {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  const backend = await memory().open(runtime)
  const views: ReadModelStore = { ...backend.readModels, isShared: true }
  return {
    clock,
    runtime,
    backend,
    views,
    start: (domains, options) => startProcess({ clock, runtime, backend, views }, domains, options),
    until: async (condition, stepMs = 25) => {
      for (let step = 0; step < 4_000; step++) {
        if (await condition()) return
        await clock.advance(stepMs)
      }
      throw new Error('Expected it to be so after a while, but it never was.')
    },
    rows: async (name, modelVersion = 1) => {
      const { live } = await views.plan(name, modelVersion)
      if (live === undefined) return []
      const view = await views.open({ name, modelVersion, generation: live.number })
      return (await view.scan({ limit: 10_000 })).map(({ tenant, key, value }) => [tenant, key, value] as const)
    },
  }
}

async function startProcess(
  { clock, runtime, backend, views }: Pick<Cluster, 'clock' | 'runtime' | 'backend' | 'views'>,
  domains: readonly AnyDomain[],
  { faults: first = [], ...options }: StartedOptions = {},
): Promise<Process> {
  let stopped: PromiseWithResolvers<void> | undefined
  let late: (() => void)[] = []
  const faults: (FlushFault | undefined)[] = [...first]
  const flushes: (boolean | Error)[] = []
  const own = new Set<string>()
  const freeze = (): void => void (stopped ??= Promise.withResolvers())
  const ownClock: Clock = {
    nowUs: clock.nowUs,
    monotonicUs: clock.monotonicUs,
    after: (delayMs, run) => clock.after(delayMs, () => (stopped === undefined ? run() : void late.push(run))),
  }
  /** A port whose questions wait while the process is stopped, and whose answers do. */
  const gated = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key)
        if (typeof value !== 'function' || typeof key === 'symbol' || key.startsWith('on') || key === 'table')
          return value
        return async (...given: unknown[]) => {
          await stopped?.promise
          const answer = await (value as Step).apply(target, given)
          await stopped?.promise
          return answer
        }
      },
    })
  const disturbed = (view: View): View => ({
    ...view,
    flush: async (flush) => {
      const fault = faults.shift()
      if (fault === 'refused') throw new Error('the disk is full')
      if (fault === 'late') await new Promise<void>((resolve) => void clock.after(lateMs, resolve))
      if (fault === 'frozen') freeze()
      await stopped?.promise
      const done = await view.flush(flush)
      flushes.push(done)
      if (fault === 'unanswered') throw new Error('the connection was lost')
      return done
    },
  })
  const opened: OpenBackend = {
    ...backend,
    events: gated({
      ...backend.events,
      commit: (commit, given) => {
        own.add(commit.commandId)
        return backend.events.commit(commit, given)
      },
      // What other processes store is found by looking.
      onAppend: (listener) =>
        backend.events.onAppend((stored) => {
          const heard = stored.filter(({ commit }) => own.has(commit.commandId))
          if (heard.length > 0) listener(heard)
        }),
      [Symbol.asyncDispose]: async () => undefined,
    }),
    readModels: gated({ ...views, open: async (name, tables) => gated(disturbed(await views.open(name, tables))) }),
    leases: gated(backend.leases),
    [Symbol.asyncDispose]: async () => undefined,
  }
  const store = { backend: 'memory', open: async () => opened }
  const running = await clock.finish(
    start<string, string>('test', catalogueOf(domains), { store, ...options }, { ...runtime, clock: ownClock }),
  )
  return {
    running,
    log: opened.events,
    faults,
    flushes,
    get isFrozen() {
      return stopped !== undefined
    },
    freeze,
    thaw: async () => {
      stopped?.resolve()
      stopped = undefined
      await clock.advance(0)
      const missed = late
      late = []
      for (const run of missed) run()
      await clock.advance(0)
    },
    stop: () => clock.finish(Promise.resolve(running[Symbol.asyncDispose]())),
  }
}
