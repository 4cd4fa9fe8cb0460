// Watches a running app: looks at it now and then, and tells what has begun since the last look and what is over.
import { timeText } from '../time/clock.ts'
import type { Clock } from '../time/clock.ts'
import { pause } from '../time/unless-aborted.ts'
import { conditionsOf, countersOf } from './conditions.ts'
import type { Condition, GrowthName } from './conditions.ts'
import { createLook } from './look.ts'
import type { Look, Looked } from './look.ts'
import type { AppMetrics } from './metric.ts'
import { operations } from './operational-event.ts'
import type { OnOperation, OperationalEvent, OperationName } from './operational-event.ts'
import type { OperationsSettings } from './options.ts'

export interface OperationsWatcher {
  /** Looks now, and tells what is new; what it has seen. Never rejects. */
  look(): Promise<Look>
  /** What was not over at the last look, oldest first. */
  active(): readonly OperationalEvent[]
  /** Newest first: those that are not over, and then the last ones that are. */
  list(): readonly OperationalEvent[]
  metrics(): AppMetrics
  /** Looks until the signal aborts, where there is somebody to tell. Never rejects. */
  run(stop: AbortSignal): Promise<void>
}

const endedMax = 1_000
/** What only the store can say stays as it is while the store says nothing. */
const ofStore: ReadonlySet<OperationName> = new Set([
  'outbox_dead_letters',
  'outbox_lagging',
  'job_dead_letters',
  'job_queue_lagging',
  'job_queue_paused',
])

export function createOperationsWatcher(
  app: Looked,
  settings: OperationsSettings,
  onOperation: OnOperation | undefined,
  clock: Clock,
): OperationsWatcher {
  const active = new Map<string, OperationalEvent>()
  const ended: OperationalEvent[] = []
  const begun = new Map<OperationName, number>()
  const growing = createGrowth(settings.quietMs)
  const look = createLook(app, clock)
  let current: Promise<Look> | undefined
  let next: Promise<Look> | undefined

  const tell = (event: OperationalEvent): void => {
    try {
      onOperation?.(event)
    } catch {
      // Watching never fails the work.
    }
  }
  const begin = (key: string, { name, subject, facts, forMs = 0 }: Condition, atUs: number): void => {
    const since = timeText(Math.round(atUs - forMs * 1000))
    const event = { name, severity: operations[name][0], subject, since, endedAt: undefined, facts }
    active.set(key, event)
    begun.set(name, (begun.get(name) ?? 0) + 1)
    tell(event)
  }
  const end = (key: string, event: OperationalEvent, atUs: number): void => {
    const over = { ...event, endedAt: timeText(atUs) }
    active.delete(key)
    ended.unshift(over)
    ended.length = Math.min(ended.length, endedMax)
    tell(over)
  }
  const lookOnce = async (): Promise<Look> => {
    const seen = await look()
    const found = new Map(conditionsOf(seen, growing(seen), settings).map((one) => [keyOf(one), one]))
    for (const [key, event] of active) {
      const { facts } = found.get(key) ?? {}
      if (facts !== undefined) active.set(key, { ...event, facts })
      else if (seen.storeError === undefined || !ofStore.has(event.name)) end(key, event, seen.atUs)
    }
    for (const [key, condition] of found) if (!active.has(key)) begin(key, condition, seen.atUs)
    return seen
  }
  /** One after the other, because each compares with the one before; whoever comes meanwhile has the next one together. */
  const lookNow: OperationsWatcher['look'] = () => {
    if (current === undefined) return (current = lookOnce().finally(() => (current = undefined)))
    const again = (): Promise<Look> => {
      next = undefined
      return lookNow()
    }
    // Whoever comes later has a look of its own, also after one that failed.
    return (next ??= current.then(again, again))
  }
  return {
    look: lookNow,
    active: () => [...active.values()],
    list: () => [...[...active.values()].reverse(), ...ended],
    metrics: () => [
      {
        name: 'gesta_operation_active',
        help: 'Operational events that are not over: 1 for each.',
        kind: 'gauge',
        samples: [...active.values()].map(({ name, severity, subject }) => ({
          labels: { name, severity, subject },
          value: 1,
        })),
      },
      {
        name: 'gesta_operations_total',
        help: 'Operational events that have begun.',
        kind: 'counter',
        samples: (Object.keys(operations) as OperationName[]).map((name) => ({
          labels: { name },
          value: begun.get(name) ?? 0,
        })),
      },
    ],
    run: async (stop) => {
      if (onOperation === undefined || settings.everyMs === Number.POSITIVE_INFINITY) return
      try {
        for (;;) {
          await pause(clock, settings.everyMs, stop)
          // One that fails is no reason to look no more.
          await lookNow().catch(() => undefined)
        }
      } catch {
        // Stopped.
      }
    },
  }
}

/** Counters that have grown within a time. What was counted before the first look counts as growth. */
function createGrowth(quietMs: number): (seen: Look) => ReadonlySet<GrowthName> {
  let before: { readonly [name: string]: number } = {}
  const grownAt = new Map<GrowthName, number>()
  return (seen) => {
    const counters = countersOf(seen)
    for (const [name, count] of Object.entries(counters) as [GrowthName, number][]) {
      const at = grownAt.get(name)
      if (count > (before[name] ?? 0)) grownAt.set(name, seen.atUs)
      else if (at !== undefined && seen.atUs - at >= quietMs * 1000) grownAt.delete(name)
    }
    before = counters
    return new Set(grownAt.keys())
  }
}

function keyOf({ name, subject }: Condition): string {
  return JSON.stringify([name, subject])
}
