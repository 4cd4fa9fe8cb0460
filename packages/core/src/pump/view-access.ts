// One read model as queries meet it: the view that they read, and the waiting until it has what they ask for.
import { isGestaError } from '../errors/gesta-error.ts'
import type { GestaError } from '../errors/gesta-error.ts'
import type { View } from '../stores/read-model/read-model-store.ts'
import { pause } from '../time/unless-aborted.ts'
import type { Deadline } from '../time/deadline.ts'
import { degrades } from './parking.ts'
import { beyondLog, degradedRow, restoringReadModel, stoppedApp, stoppedReadModel } from './read-model-errors.ts'
import { createRunner } from './read-model-runner.ts'
import type { Runner } from './read-model-runner.ts'
import type { RunnerParts } from './runner-parts.ts'
import { createViewWaits } from './view-waits.ts'

export interface ViewAccess {
  readonly runner: Runner
  /** The view, at once or as soon as it has the position. Errors: as `reach`; `diverged`, `read_model_restoring`. */
  ready(after: number | undefined, deadline: Deadline): View | Promise<View>
  /** The view that took the place of one that was removed while it was read. Errors: `cause`, when it is still the one. */
  instead(of: View, cause: unknown): Promise<View>
  /** Waits until the view has this position. Errors: `read_model_failed`, `read_model_stopped`, `diverged`, `deadline_exceeded`, `app_stopped`. */
  reach(position: number, deadline: Deadline): Promise<void>
  /** Whether a row waits for a parked event at or before a position. Errors: `read_model_degraded`. */
  checkRow(tenant: string, key: string, position: number): Promise<void> | undefined
  /** Waits until this is so, with patience: it is asked whenever this process sees the read model change. Errors: what it throws, `deadline_exceeded`, `app_stopped`. */
  until(isDone: () => boolean, deadline: Deadline): Promise<void>
  /** The app is about to stop: who waits for what is paused is told so, since nothing will come of it. */
  leave(): void
  /** Follows until it is told to stop; whoever waits then is told so. Never rejects. */
  run(stop: AbortSignal): Promise<void>
}

/** Milliseconds that a query waits for a view that was never there, without a deadline of its own. */
const firstBuildMs = 10_000
/** Milliseconds between two looks at what another process does. */
const lookMs = 25
/** Milliseconds that an app which stops waits for who waits. */
const leaveMs = 5_000

export function createViewAccess(parts: RunnerParts): ViewAccess {
  const { model, store, pump, alarms } = parts
  const { clock } = alarms
  const waits = createViewWaits(alarms)
  /** Of who waits for a build: nothing is hurried for them, and nobody looks more often. */
  const patient = createViewWaits(alarms)
  let isOver = false
  let isLeaving = false
  const askAll = (): void => {
    waits.look()
    patient.look()
  }
  const onChange = (): void => {
    askAll()
    // Another process may own it now.
    if (waits.any) void lookOn()
  }
  const runner = createRunner(parts, { onChange, isAwaited: () => waits.any })

  /** Why what is waited for will not come; `undefined` while it may. */
  const obstacle = (): GestaError | undefined => {
    if (isOver || (isLeaving && (runner.keeper.plan.wanted === 'paused' || runner.trouble !== undefined)))
      return stoppedApp()
    return runner.keeper.plan.wanted === 'stopped' ? stoppedReadModel(model.name) : runner.error
  }
  /** Whether it is so; throws when it cannot be any more. */
  const orObstacle = (isDone: () => boolean) => (): boolean => {
    if (isDone()) return true
    const cause = obstacle()
    if (cause !== undefined) throw cause
    return false
  }
  let looking = false
  /** What another process does is seen by looking, as long as somebody waits. */
  const lookOn = async (): Promise<void> => {
    if (looking || runner.generations !== undefined || !parts.views.isShared) return
    looking = true
    const never = new AbortController().signal
    try {
      while (waits.any && runner.generations === undefined && !isOver) {
        await runner.look().catch(() => undefined)
        askAll()
        if (waits.any) await pause(clock, lookMs, never)
      }
    } finally {
      looking = false
    }
  }
  const until: ViewAccess['until'] = async (isDone, deadline) => {
    const check = orObstacle(isDone)
    if (!check()) await patient.until(check, `the read model ${model.name} was being built`, deadline)
  }
  const come = async (isThere: () => boolean, deadline: Deadline): Promise<void> => {
    const check = orObstacle(isThere)
    if (check()) return
    const done = waits.until(check, `the read model ${model.name} was coming to what is asked for`, deadline)
    pump.hurry()
    void lookOn()
    await done
  }
  const reach: ViewAccess['reach'] = async (position, deadline) => {
    if (runner.position >= position && runner.shown?.error === undefined) return
    if (runner.generations === undefined) await runner.look()
    // What lies beyond the end of the log would never come.
    if (pump.head < position && (await store.head()) < position) throw beyondLog(position)
    await come(
      () => runner.position >= position && runner.shown !== undefined && runner.shown.error === undefined,
      deadline,
    )
  }
  const shownView = (): View | undefined => {
    const { shown } = runner
    return shown === undefined || shown.error !== undefined ? undefined : shown.view
  }
  /** Waits for a first view, or for one of this history. */
  const first = async (deadline: Deadline): Promise<View> => {
    const isThere = orObstacle(() => shownView() !== undefined)
    if (!isThere()) {
      const done = waits.atMost(firstBuildMs, isThere, () => restoringReadModel(model.name), deadline)
      void lookOn()
      await done
    }
    return shownView() as View
  }
  return {
    runner,
    ready: (after, deadline) => {
      const view = shownView()
      if (view === undefined) return after === undefined ? first(deadline) : reachThen(after, deadline)
      return after === undefined || runner.position >= after ? view : reachThen(after, deadline)
    },
    instead: async (of, cause) => {
      if (!isGestaError(cause, 'store_closed')) throw cause
      await runner.look()
      const view = shownView()
      if (view === undefined || view === of) throw cause
      return view
    },
    reach,
    checkRow: (tenant, key, position) => {
      if (model.onFailure !== 'park') return undefined
      const parking = runner.generations?.live?.follower.parking
      if (parking?.total === 0) return undefined
      if (parking !== undefined) {
        if (parking.isDegraded(tenant, key, position)) throw degradedRow(model.name)
        return undefined
      }
      return checkStored(tenant, key, position)
    },
    until,
    leave: () => {
      isLeaving = true
      askAll()
      // Trouble may begin while they wait.
      alarms.set(clock.monotonicUs() + leaveMs * 1000, () => {
        isOver = true
        askAll()
      })
    },
    run: async (stop) => {
      await runner.run(stop)
      isOver = true
      askAll()
    },
  }

  async function reachThen(after: number, deadline: Deadline): Promise<View> {
    await reach(after, deadline)
    return shownView() as View
  }
  /** Another process owns the view: what is parked is in the store. */
  async function checkStored(tenant: string, key: string, position: number): Promise<void> {
    const waiting = (await shownView()?.parked({ tenant, limit: 10_000 })) ?? []
    if (degrades(waiting, tenant, key, position)) throw degradedRow(model.name)
  }
}
