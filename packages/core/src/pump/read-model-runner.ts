// Runs one read model in this process: shows what the plan points at, contends for ownership, and does the owner's work while it has it.
// What operators want reaches it through the plan, in whichever process they say it.
import { GestaError } from '../errors/gesta-error.ts'
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { View } from '../stores/read-model/read-model-store.ts'
import { backoffMs } from '../time/backoff.ts'
import { pause } from '../time/unless-aborted.ts'
import { createBell } from './bell.ts'
import { isOfLog } from './checkpoint.ts'
import { createGenerations } from './generations.ts'
import type { Generations } from './generations.ts'
import { createOwnership, unshared } from './ownership.ts'
import type { Held, Ownership } from './ownership.ts'
import { createPlanKeeper } from './plan-keeper.ts'
import type { PlanKeeper } from './plan-keeper.ts'
import { divergedView } from './read-model-errors.ts'
import type { RunnerParts } from './runner-parts.ts'
import { createReadModelMeter } from './read-model-meter.ts'
import type { ReadModelMeter } from './read-model-meter.ts'

/** What a process shows of a read model to its readers, its control and its status. */
export interface Runner {
  readonly model: ReadModelParts
  readonly keeper: PlanKeeper
  readonly meter: ReadModelMeter
  /** What queries read, once there is something. */
  readonly shown: Shown | undefined
  /** The work of this process, while it owns the read model. */
  readonly generations: Generations | undefined
  /** The position that the view has, as far as this process knows. */
  readonly position: number
  /** Whether the view was at the end of the log since this process shows it. */
  readonly caughtUp: boolean
  /** Why it cannot go on here. */
  readonly error: GestaError | undefined
  /** What goes wrong; `undefined` while all is well. */
  readonly trouble: unknown
  /** Reads the plan and opens what queries read. Errors: `store_*`. */
  open(): Promise<void>
  /** Looks how far the view is, if another process owns it. Errors: `store_*`. */
  look(): Promise<void>
  /** Runs until the signal aborts. Never rejects. */
  run(stop: AbortSignal): Promise<void>
}
interface Shown {
  readonly number: number
  readonly view: View
  /** Why it cannot be read. */
  readonly error: GestaError | undefined
}
export interface RunnerListener {
  /** The view that queries read has moved, is another one, or cannot go on. */
  onChange(): void
  /** Whether somebody waits for events: then they are not gathered. */
  isAwaited(): boolean
}

/** Milliseconds that an owner may be silent before another process takes over. */
const leaseMs = 10_000
const pollMs = 1_000
const retryDelay = { firstMs: 50, maxMs: 2_000 }

export function createRunner(parts: RunnerParts, listener: RunnerListener): Runner {
  const { model, views, leases, store, pump, alarms, ids, erasures } = parts
  const { clock } = alarms
  const { name, modelVersion } = model
  const bell = createBell()
  const meter = createReadModelMeter(clock)
  let generations: Generations | undefined
  let shown: Shown | undefined
  let position = 0
  let caughtUp = false
  /** Why it rests until the plan changes. */
  let resting: GestaError | undefined
  let trouble: unknown
  /** Why the plan and the view, or the lease, could not be asked. */
  let unseen: unknown
  let unleased: unknown
  /** The generation that queries are to read and that cannot be opened. */
  let unopened: { readonly number: number; readonly error: GestaError } | undefined
  /** Ends the contention for ownership that nobody wants any more. */
  let contending: AbortController | undefined

  const keeper = createPlanKeeper(views, name, modelVersion, () => {
    resting = undefined
    for (const work of [generations?.live, generations?.building]) if (work !== undefined) work.ending = undefined
    if (keeper.plan.wanted === 'stopped') contending?.abort()
    bell.ring()
    listener.onChange()
  })
  const onMove = (generation: number, to: number): void => {
    // A build may be ahead of what queries read, and what was replaced may move on for a moment.
    if (generation !== shown?.number) return
    position = to
    caughtUp ||= to >= pump.head
    meter.seen(to, pump.head)
    listener.onChange()
  }
  const openShown = async (generation: number) => {
    const view = await views.open({ name, modelVersion, generation }, model.tables)
    const checkpoint = await view.checkpoint()
    const isOurs = checkpoint === undefined || (await isOfLog(checkpoint, store))
    return { view, position: checkpoint?.position ?? 0, error: isOurs ? undefined : divergedView(model, checkpoint) }
  }
  const show = async (): Promise<void> => {
    const wanted = keeper.plan.live
    if (shown?.number === wanted?.number) return
    if (wanted === undefined) shown = undefined
    else {
      const opened = await openShown(wanted.number).catch((cause: unknown) => {
        if (keeper.plan.live?.number === wanted.number) throw cause
        return undefined
      })
      // Meanwhile the pointer may have moved on.
      if (opened === undefined || keeper.plan.live?.number !== wanted.number) return
      // What went wrong before was with the view that this one replaces; what still does comes again.
      unopened = trouble = unseen = undefined
      shown = { number: wanted.number, view: opened.view, error: opened.error }
      // It may have moved since it was asked.
      const works = [generations?.live, generations?.building]
      const own = works.find((one) => one?.follower.generation.number === wanted.number)
      onMove(wanted.number, Math.max(opened.position, own?.follower.position ?? 0))
    }
    listener.onChange()
  }
  /** What was never built is built now. */
  const begin = async (): Promise<void> => {
    if (keeper.plan.live !== undefined || keeper.plan.building !== undefined) return
    const head = await store.head()
    await keeper.change((plan) => {
      if (plan.live !== undefined || plan.building !== undefined || plan.wanted === 'stopped') return undefined
      const first = { number: plan.revision + 1, since: erasures?.clearedUpTo ?? head }
      // Of an empty log it is built at once.
      return head === 0 ? { live: first } : { building: first }
    })
  }

  const work = async ({ reconcile, tidy }: Generations, leave: AbortSignal): Promise<void> => {
    let isTidy = false
    for (let failures = 0; !leave.aborted && keeper.plan.wanted !== 'stopped';) {
      const before = shown
      try {
        await begin()
        await reconcile()
        await show()
        // What a former owner left; that it cannot be removed now keeps nothing from going on.
        if (!isTidy) await tidy().catch(() => undefined)
        isTidy = true
        failures = 0
        trouble = undefined
        resting = restOf(generations)
        if (resting !== undefined) return
        await bell.heard(leave)
      } catch (cause) {
        if (leave.aborted) return
        // It may have been with a view that was replaced meanwhile.
        if (shown === before) trouble = cause
        await pause(clock, backoffMs(retryDelay, ++failures, ids.random), leave).catch(() => undefined)
      }
    }
  }
  const session = async (held: Held, stop: AbortSignal): Promise<void> => {
    const leave = AbortSignal.any([stop, held.lost])
    const fencingToken = views.isShared ? held.fencingToken : undefined
    const { isAwaited } = listener
    const onTurn = (): void => {
      bell.ring()
      listener.onChange()
    }
    generations = createGenerations({ ...parts, keeper, meter, fencingToken, leave, isAwaited, onMove, onTurn })
    try {
      await work(generations, leave)
    } finally {
      await generations.halt()
      generations = undefined
      await held.release()
      listener.onChange()
    }
  }
  const contend = async (ownership: Ownership, stop: AbortSignal): Promise<void> => {
    contending = new AbortController()
    const held = await ownership.take(AbortSignal.any([stop, contending.signal])).catch(() => undefined)
    if (held !== undefined) await session(held, stop)
  }
  /** What another process has done to the plan, and to the view while it owns it. */
  const look = async (): Promise<void> => {
    await keeper.refresh()
    await show()
    if (generations !== undefined) return
    const seen = shown
    const checkpoint = await seen?.view.checkpoint()
    if (seen === undefined || checkpoint === undefined || generations !== undefined) return
    if (resting !== undefined && checkpoint.position > position) {
      // Another process got past what this one failed at.
      resting = undefined
      bell.ring()
    }
    onMove(seen.number, checkpoint.position)
  }
  /** Other processes change the plan too, and ask the owner for things. */
  const watch = async (stop: AbortSignal): Promise<void> => {
    while (!stop.aborted) {
      try {
        await pause(clock, pollMs, stop)
        await look()
        const live = generations?.live?.follower
        if (live !== undefined && live.parking.total > 0) await live.settle()
        unseen = undefined
      } catch (cause) {
        if (!stop.aborted) unseen = cause
      }
    }
  }

  return {
    model,
    keeper,
    meter,
    get shown() {
      return shown
    },
    get generations() {
      return generations
    },
    get position() {
      return position
    },
    get caughtUp() {
      return caughtUp
    },
    get error() {
      // What is built anew, or is there already, is of this history.
      const { live, building } = keeper.plan
      if (resting !== undefined || building !== undefined) return resting
      if (live?.number === shown?.number) return shown?.error
      return live?.number === unopened?.number ? unopened?.error : undefined
    },
    get trouble() {
      return (
        resting ??
        shown?.error ??
        unopened?.error ??
        generations?.live?.follower.trouble ??
        generations?.building?.follower.trouble ??
        trouble ??
        unseen ??
        unleased
      )
    },
    open: async () => {
      await keeper.refresh()
      await begin()
      // One view that cannot be opened keeps the app from nothing else.
      await show().catch((cause: unknown) => {
        if (!(cause instanceof GestaError)) throw cause
        unopened = { number: keeper.plan.live?.number ?? 0, error: cause }
      })
    },
    look: async () => {
      if (generations === undefined) await look()
    },
    run: async (stop) => {
      const onTrouble = (cause: unknown): void => void (unleased = cause)
      const onAnswer = (): void => void (unleased = undefined)
      const lease = `Gesta.ReadModel/${name}/${modelVersion}`
      const ownership = views.isShared
        ? createOwnership({ name: lease, leases, leaseMs, alarms, ids, onTrouble, onAnswer })
        : unshared
      const watching = views.isShared ? watch(stop) : undefined
      using _growth = pump.onGrowth(() => meter.seen(position, pump.head))
      while (!stop.aborted) {
        if (keeper.plan.wanted !== 'stopped' && resting === undefined) await contend(ownership, stop)
        else await bell.heard(stop).catch(() => undefined)
      }
      await watching
    },
  }
}

/** Why an owner rests: nothing that it follows can go on. */
function restOf(generations: Generations | undefined): GestaError | undefined {
  const { live, building } = generations ?? {}
  const isAtWork = [live, building].some((one) => one !== undefined && one.ending === undefined)
  return isAtWork ? undefined : (live ?? building)?.follower.error
}
