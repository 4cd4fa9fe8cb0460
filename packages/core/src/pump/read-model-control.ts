// What operators may tell a read model, and what a process tells of it. What is told goes into the plan, so that it reaches the owner in
// whichever process it runs and survives a restart.
import { isGestaError } from '../errors/gesta-error.ts'
import type { GestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import type { ParkedRequest } from '../stores/read-model/parked-event.ts'
import type { View } from '../stores/read-model/read-model-store.ts'
import type { Alarms } from '../time/alarms.ts'
import { deadline } from '../time/deadline.ts'
import { cancelledRestore } from './read-model-errors.ts'
import type { BuildMeter } from './read-model-meter.ts'
import type { Runner } from './read-model-runner.ts'
import type { Erasures } from './runner-parts.ts'
import type { ReadModelControl, ReadModelState, ReadModelStatus, Restoration } from './read-model-status.ts'
import type { Pump } from './pump.ts'
import type { ViewAccess } from './view-access.ts'

export interface ControlParts {
  readonly access: ViewAccess
  readonly pump: Pump
  readonly alarms: Alarms
  readonly erasures: Erasures | undefined
}

export function createReadModelControl({ access, pump, alarms, erasures }: ControlParts): ReadModelControl {
  const { runner } = access
  const { keeper, model } = runner
  const forever = deadline(alarms, undefined, undefined)
  const want = async (wanted: 'running' | 'paused' | 'stopped'): Promise<void> => {
    await keeper.refresh()
    // Written even when nothing is different: a revision more is what lets one that failed begin again, everywhere.
    await keeper.change(() => ({ wanted }))
  }
  const start = (): Promise<void> => want('running')
  const stop = (): Promise<void> => want('stopped')
  const cancel = async (number?: number): Promise<void> => {
    await keeper.refresh()
    await keeper.change(({ live, building, wanted }) => {
      if (building === undefined || (number !== undefined && building.number !== number)) return undefined
      // With nothing to show it would be begun again at once.
      return { building: undefined, wanted: live === undefined ? 'stopped' : wanted }
    })
  }
  const restoreFromZero = async (): Promise<Restoration> => {
    await keeper.refresh()
    const since = erasures?.clearedUpTo ?? pump.head
    const { building } = await keeper.change((plan) => ({
      building: { number: plan.revision + 1, since },
      wanted: 'running',
    }))
    const generation = building?.number ?? 0
    const isDone = (): boolean => {
      const { plan } = keeper
      // The plan is ahead of what this process reads.
      if (plan.live?.number === generation) return runner.shown?.number === generation
      if (plan.building?.number !== generation) throw cancelledRestore(model.name)
      const failed = runner.generations?.building
      if (failed?.follower.generation.number === generation && failed.ending !== undefined)
        throw failed.follower.error ?? cancelledRestore(model.name)
      return false
    }
    const done = access.until(isDone, forever)
    // Whoever does not ask is not to be told by a crash.
    done.catch(() => undefined)
    return { generation, done, cancel: () => cancel(generation) }
  }
  const shownView = async (): Promise<View> => access.ready(undefined, forever)
  const ask = async (request: ParkedRequest): Promise<number> => {
    const concerned = await (await shownView()).askParked(request)
    // The owner is here, or looks by itself.
    if (concerned > 0) await runner.generations?.live?.follower.settle()
    return concerned
  }
  return {
    status: () => statusOf(runner, pump),
    start,
    stop,
    restart: async () => {
      await stop()
      await start()
    },
    pause: () => want('paused'),
    resume: start,
    restore: async ({ fromZero = false } = {}) => {
      if (fromZero) return restoreFromZero()
      await start()
      const done = access.reach(pump.head, forever)
      let isDone = false
      done.then(
        () => (isDone = true),
        () => undefined,
      )
      const { live, building } = keeper.plan
      return {
        generation: live?.number ?? building?.number ?? 0,
        done,
        cancel: async () => (isDone ? undefined : stop()),
      }
    },
    cancel: () => cancel(),
    parked: async (filter) => (await shownView()).parked(filter),
    retryParked: ({ tenant, key }) => ask({ ask: 'retry', tenant, key }),
    discardParked: ({ position, reason }) => {
      if (reason.trim() === '')
        throw new Error(
          'Expected a reason why the event is passed over, received an empty one. It is kept with the event.',
        )
      return ask({ ask: 'discard', position, reason })
    },
  }
}

export function statusOf(runner: Runner, pump: Pump): ReadModelStatus {
  const { model, keeper, meter, generations, position } = runner
  const { live, building } = keeper.plan
  const built = generations?.building?.follower.position ?? 0
  return {
    name: model.name,
    modelVersion: model.modelVersion,
    state: stateOf(runner),
    owned: generations !== undefined,
    generation: live?.number,
    restore: building && (generations?.build ?? notBuilt).progress(building.number, built, pump.head),
    metrics: meter.metrics(position, pump.head),
    parked: generations?.live?.follower.parking.total ?? 0,
    lastError: runner.trouble === undefined ? undefined : redactError(runner.trouble),
    failedAt: failedAtOf(failureOf(runner)),
  }
}

/** Another process builds it, or none yet. */
const notBuilt: BuildMeter = {
  progress: (generation, position, total) => ({
    generation,
    position,
    total,
    eventsPerSecond: 0,
    remainingMs: undefined,
  }),
}

function failureOf({ error, generations }: Runner): GestaError | undefined {
  return error ?? (generations?.building?.ending === undefined ? undefined : generations.building.follower.error)
}

function stateOf(runner: Runner): ReadModelState {
  const { keeper, error, generations, shown, caughtUp } = runner
  const { wanted, building } = keeper.plan
  if (wanted !== 'running') return wanted
  if (building !== undefined && generations?.building?.ending === undefined && error === undefined) return 'restoring'
  if (error !== undefined) return isGestaError(error, 'diverged') ? 'diverged' : 'failed'
  return shown === undefined || !caughtUp ? 'restoring' : 'live'
}

function failedAtOf(error: GestaError | undefined): ReadModelStatus['failedAt'] {
  const { eventId, type, position } = error?.facts ?? {}
  if (typeof eventId !== 'string' || typeof type !== 'string' || typeof position !== 'number') return undefined
  return { eventId, type, position }
}
