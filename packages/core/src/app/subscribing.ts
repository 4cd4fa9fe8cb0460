// Subscribers as a started app has them: those that its role runs, each in its loop, and the workers of its sources.
import { createGate } from '../dispatch/gate.ts'
import type { Engine } from '../dispatch/engine.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { deliveredOccasion } from '../pump/occasion.ts'
import { createOwnership, unshared } from '../pump/ownership.ts'
import { passingProgress, storedProgress } from '../pump/progress.ts'
import type { Pump } from '../pump/pump.ts'
import { createSubscriberLoop } from '../pump/subscriber-loop.ts'
import type { SubscriberLoop } from '../pump/subscriber-loop.ts'
import { runSubscriber } from '../pump/subscriber-run.ts'
import type { SubscriberStatus } from '../pump/subscriber-status.ts'
import type { SubscriberParts } from '../pump/subscriber.ts'
import { enlist } from '../registry/enlist.ts'
import { allows, bitsOf } from '../registry/roles.ts'
import type { SubscriberContext } from '../registry/run-context.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import { createAttempts } from './attempts.ts'
import { createSourceWorkers } from './source-workers.ts'
import type { AppSource, SourceStatus } from './source-workers.ts'

export interface Subscribing {
  readonly subscribers: readonly SubscriberStatus[]
  readonly sources: readonly SourceStatus[]
  /** Begins. */
  run(): void
  /** Takes nothing more, gives what runs its time (default 10,000 ms), then ends it. Never rejects. */
  stop(patienceMs?: number): Promise<void>
}
export interface SubscribingParts {
  readonly name: string
  readonly subscribers: readonly SubscriberParts[]
  readonly sources: readonly AppSource[]
  readonly engine: Engine
  readonly backend: OpenBackend
  readonly pump: Pump
}

/** Milliseconds that a stopping app waits for what its subscribers do, before it aborts their signals and goes. */
const drainMs = 10_000

/** Loops and workers that do not run yet. Errors: `store_*`. */
export async function openSubscribing(parts: SubscribingParts, runtime: BackendRuntime): Promise<Subscribing> {
  const { name, engine: outer, backend } = parts
  // What subscribers send goes through a gate of its own, which stays open for them while the app lets nobody else in.
  const engine: Engine = { ...outer, gate: createGate(name) }
  const stop = new AbortController()
  const cancel = new AbortController()
  const signals = { stop: stop.signal, cancel: cancel.signal }
  for (const subscriber of parts.subscribers) enlistDeliveries(engine, subscriber)

  const loops: SubscriberLoop[] = []
  // A store that may not be changed can keep no place, and take no command.
  const mayRun = backend.readOnly !== true
  const own = parts.subscribers.filter(({ roles }) => mayRun && allows(bitsOf(roles, 'event'), outer.role))
  for (const subscriber of own)
    if (subscriber.domain.size > 0 || subscriber.any !== undefined)
      loops.push(await openLoop(parts, engine, subscriber, signals, runtime))
  const works = mayRun && (outer.role === undefined || outer.role === 'worker')
  const workers = createSourceWorkers(works ? parts.sources : [], {
    registry: engine.registry,
    role: 'worker',
    subscription: name,
    seen: backend.seen,
    ...signals,
    runtime,
  })
  let running: Promise<unknown> = Promise.resolve()
  return {
    get subscribers() {
      return loops.map(({ status }) => status)
    },
    get sources() {
      return workers.map(({ status }) => status)
    },
    run: () => {
      running = Promise.all([...loops, ...workers].map((one) => one.run()))
    },
    stop: async (patienceMs = drainMs) => {
      stop.abort(stopping(name))
      const late = Promise.withResolvers<void>()
      const timers = [
        runtime.clock.after(patienceMs, () => cancel.abort(stopping(name))),
        // As long again for a store or a source that does not answer.
        runtime.clock.after(2 * patienceMs, late.resolve),
      ]
      await Promise.race([running, late.promise])
      for (const timer of timers) timer.cancel()
      await engine.gate.close()
    },
  }
}

async function openLoop(
  { backend, pump }: SubscribingParts,
  engine: Engine,
  subscriber: SubscriberParts,
  signals: { readonly stop: AbortSignal; readonly cancel: AbortSignal },
  { ids }: BackendRuntime,
): Promise<SubscriberLoop> {
  const { name, durable, leaseMs, from } = subscriber
  const { store, alarms } = engine
  const shared = { subscriber, engine, pump, ...signals }
  if (!durable)
    return createSubscriberLoop({ ...shared, ownership: unshared, progress: passingProgress(store, pump.head) })
  const place = `Gesta.Subscriber/${name}`
  const view = await backend.readModels.open({ name: place, modelVersion: 1, generation: 1 })
  const { leases } = backend
  const onTrouble = (cause: unknown): void => loop.note(cause)
  const ownership = createOwnership({ name: place, leases, leaseMs, alarms, ids, onTrouble })
  const loop = createSubscriberLoop({ ...shared, ownership, progress: storedProgress(name, view, store, from) })
  return loop
}

/** What sources deliver reaches a subscriber through the registry, like everything that is delivered. */
function enlistDeliveries(engine: Engine, { name, integration, roles }: SubscriberParts): void {
  const attempts = createAttempts()
  for (const { contract, run } of integration.values()) {
    const deliver = async (_: unknown, { event, signal }: SubscriberContext): Promise<void> => {
      const occasion = deliveredOccasion(event)
      const attempt = attempts.next(event.id)
      await runSubscriber({ engine, name, occasion, attempt, signal }, [run])
      attempts.forget(event.id)
    }
    enlist(engine.registry, contract, deliver, roles)
  }
}

function stopping(name: string): GestaError {
  return new GestaError('app_stopped', `The app ${name} is stopping. What was not done is done by the next one.`)
}
