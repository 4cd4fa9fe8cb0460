// The owner's work on the generations of one view: follows the live one and the one that is being built, and moves the pointer once the
// new one is there. Lives as long as the ownership does.
import { erasureStream } from '../contracts/subject-erased.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { StoredEvent } from '../stores/event/event-store.ts'
import type { View } from '../stores/read-model/read-model-store.ts'
import type { Generation, ViewPlan } from '../stores/read-model/view-plan.ts'
import { pause, unlessAborted } from '../time/unless-aborted.ts'
import { openFollower } from './follower.ts'
import type { FollowEnding, Follower } from './follower.ts'
import type { PlanKeeper } from './plan-keeper.ts'
import { openPartitions } from './partitions.ts'
import type { Partitions } from './partitions.ts'
import { lostView } from './read-model-errors.ts'
import { createBuildMeter } from './read-model-meter.ts'
import type { BuildMeter, ReadModelMeter } from './read-model-meter.ts'
import type { RunnerParts } from './runner-parts.ts'

/** One generation that is followed. */
interface Work {
  readonly follower: Follower
  /** Stops following; absent while it does not. */
  stop: AbortController | undefined
  done: Promise<void>
  /** Why it cannot go on, until the plan changes. */
  ending: FollowEnding | undefined
}
export interface Generations {
  readonly live: Work | undefined
  readonly building: Work | undefined
  readonly build: BuildMeter | undefined
  /** Brings what is done here in line with the plan. Errors: `store_*`; what `onRestore` throws. */
  reconcile(): Promise<void>
  /** Removes generations of this version that are in no plan. Errors: `store_*`. */
  tidy(): Promise<void>
  /** Stops following. */
  halt(): Promise<void>
}
export interface GenerationsParts extends RunnerParts {
  readonly keeper: PlanKeeper
  readonly meter: ReadModelMeter
  readonly fencingToken: number | undefined
  /** Ends with the ownership. */
  readonly leave: AbortSignal
  readonly isAwaited: () => boolean
  /** The view of a generation has moved. */
  readonly onMove: (generation: number, position: number) => void
  /** There is something to reconcile. */
  readonly onTurn: () => void
}

/** Readers that have opened a view may be using it for so long after it was replaced. */
const retireMs = { shared: 10_000, own: 1_000 }

export function createGenerations(parts: GenerationsParts): Generations {
  const { model, views, store, pump, alarms, erasures, keeper, meter, fencingToken, leave } = parts
  const { name, modelVersion } = model
  let live: Work | undefined
  let building: Work | undefined
  let build: BuildMeter | undefined
  /** Where a build has to come to before it is shown. */
  let target: number | undefined
  /** The revision of the plan for which it was asked whether erasures want a build. */
  let askedAt: number | undefined

  const open = async (generation: Generation, isBuilding: boolean): Promise<Work> => {
    // Another process may have begun it, and be ahead in forgetting.
    if (erasures !== undefined && erasures.clearedUpTo < generation.since) await hasErasuresSince(erasures.clearedUpTo)
    const view = await views.open({ name, modelVersion, generation: generation.number }, model.tables)
    if (fencingToken !== undefined && !(await view.claim(fencingToken))) throw lostView(model)
    if ((await view.checkpoint()) === undefined) {
      // What was read before may have been rewritten since.
      pump.forget()
      const restored = model.onRestore?.({ readModel: name, modelVersion, generation: generation.number })
      await unlessAborted(leave, Promise.resolve(restored))
    }
    const follower: Follower = await openFollower({
      ...parts,
      view,
      generation,
      clock: alarms.clock,
      share: isBuilding ? sharing(parts) : undefined,
      onFlush: (batch) => (live?.follower.view === view ? meter.flushed(batch) : meter.built(batch)),
      onFailure: meter.failed,
      isAwaited: () => !isBuilding && parts.isAwaited(),
      // The pointer may have moved to it a moment ago.
      beforeFlush: (batch) =>
        keeper.plan.live?.number === generation.number ? beforeFlush(generation, batch) : undefined,
      onMove: (position) => {
        parts.onMove(generation.number, position)
        if (live?.follower.view !== view && position >= (target ?? pump.head)) parts.onTurn()
      },
    })
    // What was asked about parked events while nobody owned the view.
    if (follower.parking.total > 0) await follower.settle()
    return { follower, stop: undefined, done: Promise.resolve(), ending: undefined }
  }
  /** What a person left in the rows is in no new generation, so one is begun before the erasure is passed. */
  const beforeFlush = async ({ since }: Generation, batch: readonly RecordedEvent[]): Promise<void> => {
    if (erasures === undefined) return
    const erased = batch.filter(({ aggregate, position }) => aggregate.type === erasureStream && position > since)
    const last = erased.at(-1)
    if (last === undefined) return
    for (const { tenant, aggregate } of erased) await erasures.forget({ tenant, subject: aggregate.id })
    await keeper.change((plan) =>
      plan.building === undefined
        ? { building: { number: plan.revision + 1, since: Math.max(last.position, erasures.clearedUpTo) } }
        : undefined,
    )
  }

  const work = (one: Work): void => {
    if (one.stop !== undefined || one.ending !== undefined) return
    const stop = new AbortController()
    one.stop = stop
    one.done = one.follower.follow(AbortSignal.any([leave, stop.signal])).then((ending) => {
      one.stop = undefined
      if (ending === 'left') return
      one.ending = ending
      parts.onTurn()
    })
  }
  const haltOne = async (one: Work | undefined): Promise<void> => {
    one?.stop?.abort(lostView(model))
    await one?.done
  }
  const keep = async (one: Work | undefined): Promise<void> => {
    if (one === undefined) return
    if (keeper.plan.wanted === 'running') work(one)
    else await haltOne(one)
  }
  /** A build that an erasure asked for may have been cancelled: then it is begun again. Errors: `store_*`. */
  const askErasures = async (): Promise<void> => {
    const { plan } = keeper
    if (erasures === undefined || live === undefined || plan.building !== undefined || askedAt === plan.revision) return
    askedAt = plan.revision
    if (!(await hasErasuresSince(live.follower.generation.since))) return
    await keeper.change(({ building: already, revision }) =>
      already === undefined ? { building: { number: revision + 1, since: erasures.clearedUpTo } } : undefined,
    )
  }
  const reconcile = async (): Promise<void> => {
    const { plan } = keeper
    let fault: Error | undefined
    if (live?.follower.generation.number !== plan.live?.number) {
      const before = live
      const isBuilt = plan.live !== undefined && building?.follower.generation.number === plan.live.number
      live = isBuilt ? building : undefined
      if (!isBuilt && plan.live !== undefined)
        // A view that cannot be opened does not keep another one from being built.
        live = await open(plan.live, false).catch((cause: Error) => {
          fault = cause
          return undefined
        })
      if (isBuilt) building = undefined
      await haltOne(before)
      retire()
    }
    // A build that cannot even be begun keeps nothing from being followed.
    await keep(live)
    await askErasures()
    if (building?.follower.generation.number !== plan.building?.number) {
      await haltOne(building)
      building = undefined
      target = undefined
      if (plan.building !== undefined) {
        building = await open(plan.building, true)
        build = createBuildMeter(alarms.clock, building.follower.position)
      }
      retire()
    }
    await keep(building)
    if (building !== undefined && building.ending === undefined) await activate(building.follower)
    if (fault !== undefined) throw fault
  }
  /** Moves the pointer once the build has come as far as what queries read now, or to the end of the log. */
  const activate = async (built: Follower): Promise<void> => {
    const now = live?.ending === undefined && live?.follower.error === undefined ? live?.follower : undefined
    if (now === undefined) {
      target ??= await store.head()
      if (built.position >= target) await point(built)
      return
    }
    target = undefined
    if (built.position < pump.head) return
    // Queries are not to see an older state than before, so the old one stands still meanwhile.
    await now.hold(async () => {
      if (built.position < now.position) target = now.position
      else await point(built)
      if (keeper.plan.live?.number === built.generation.number) live?.stop?.abort(lostView(model))
    })
  }
  const point = ({ generation, hold }: Follower): Promise<void> =>
    // It stands still, so that no erasure is passed between the question and the pointer.
    hold(() => pointTo(generation))
  const pointTo = async (generation: Generation): Promise<void> => {
    const again = await hasErasuresSince(generation.since)
    await keeper.change((plan) => {
      if (plan.building?.number !== generation.number) return undefined
      const since = erasures?.clearedUpTo ?? 0
      return { live: generation, building: again ? { number: plan.revision + 1, since } : undefined }
    })
  }
  const hasErasuresSince = async (position: number): Promise<boolean> => {
    if (erasures === undefined) return false
    let any = false
    for (let cursor: string | undefined; ;) {
      const page = await store.list({ aggregateType: erasureStream, after: position }, { limit: 1_000, cursor })
      for (const { tenant, aggregateId } of page.items) await erasures.forget({ tenant, subject: aggregateId })
      any ||= page.items.length > 0
      cursor = page.cursor
      if (cursor === undefined) return any
    }
  }

  const tidy = async (): Promise<void> => {
    const { plan } = keeper
    for (const view of await views.views())
      if (view.name === name && view.modelVersion === modelVersion && isOver(plan, view.generation))
        await views.remove(view)
  }
  const retire = (): void => {
    // What fails here is done by the next owner.
    void pause(alarms.clock, views.isShared ? retireMs.shared : retireMs.own, leave)
      .then(tidy)
      .catch(() => undefined)
  }
  return {
    get live() {
      return live
    },
    get building() {
      return building
    },
    get build() {
      return building === undefined ? undefined : build
    },
    reconcile,
    tidy,
    halt: async () => {
      await haltOne(live)
      await haltOne(building)
    },
  }
}

/** How a build is shared out, for a read model that can be: its keys part it, workers can load it, and nothing of it is sealed. */
function sharing({
  model,
  workers,
  decoder,
  erasures,
}: GenerationsParts): ((view: View) => Promise<Partitions>) | undefined {
  const { module, partitionBy } = model
  if (workers === undefined || module === undefined || partitionBy === undefined || erasures !== undefined)
    return undefined
  const partOf = (stored: StoredEvent): string => `${stored.tenant}\0${partitionBy(decoder.decodeLater(stored))}`
  return (view) => openPartitions(workers, { ...model, module }, view, partOf)
}

/** Whether it is in no plan any more; one that is newer than the plan may be in the next. */
function isOver({ revision, live, building }: ViewPlan, generation: number): boolean {
  return generation <= revision && live?.number !== generation && building?.number !== generation
}
