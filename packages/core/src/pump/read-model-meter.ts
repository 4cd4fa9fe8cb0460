// What is counted of a read model while it follows: events, failures, and how long an event takes to be visible.
import { timeUs } from '../time/clock.ts'
import type { Clock } from '../time/clock.ts'
import type { ReadModelMetrics, RestoreProgress } from './read-model-status.ts'

/** Counts of one batch that is in the view. */
export interface Counted {
  readonly applied: number
  readonly skipped: number
  /** When the last event was recorded, RFC 3339. */
  readonly recordedAt: string
  /** Whether it was at the end of the log: what is caught up on says nothing of how long events wait. */
  readonly isLive: boolean
}
export interface ReadModelMeter {
  flushed(batch: Counted): void
  /** Notes where view and log are. */
  seen(position: number, head: number): void
  /** The same for a generation that queries do not read yet. */
  built(batch: Counted): void
  failed(): void
  metrics(position: number, head: number): ReadModelMetrics
}

const samplesMax = 1_000

export function createReadModelMeter(clock: Clock): ReadModelMeter {
  let applied = 0
  let skipped = 0
  let failures = 0
  let lastEventAt: string | undefined
  // A ring: the newest latencies, in milliseconds.
  const samples: number[] = []
  let next = 0
  let behindSinceUs: number | undefined
  const behindMs = (position: number, head: number): number => {
    if (head <= position) behindSinceUs = undefined
    else behindSinceUs ??= clock.monotonicUs()
    return behindSinceUs === undefined ? 0 : (clock.monotonicUs() - behindSinceUs) / 1000
  }
  const built = (batch: Counted): void => {
    applied += batch.applied
    skipped += batch.skipped
  }
  return {
    built,
    seen: behindMs,
    flushed: (batch) => {
      built(batch)
      lastEventAt = batch.recordedAt
      if (!batch.isLive) return
      samples[next] = Math.max(0, (clock.nowUs() - timeUs(batch.recordedAt)) / 1000)
      next = (next + 1) % samplesMax
    },
    failed: () => void failures++,
    metrics: (position, head) => ({
      processed: applied + skipped,
      applied,
      skipped,
      failed: failures,
      lastPosition: position,
      lastEventAt,
      lagEvents: Math.max(0, head - position),
      lagMs: behindMs(position, head),
      latencyMs: percentiles(samples),
    }),
  }
}

function percentiles(samples: readonly number[]): ReadModelMetrics['latencyMs'] {
  if (samples.length === 0) return undefined
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** How far a build has come, from where and when it began in this process. */
export interface BuildMeter {
  progress(generation: number, position: number, total: number): RestoreProgress
}

export function createBuildMeter(clock: Clock, from: number): BuildMeter {
  const beganUs = clock.monotonicUs()
  return {
    progress: (generation, position, total) => {
      const seconds = (clock.monotonicUs() - beganUs) / 1e6
      const eventsPerSecond = seconds > 0 ? (position - from) / seconds : 0
      const left = Math.max(0, total - position)
      const remainingMs = left === 0 ? 0 : eventsPerSecond > 0 ? (left / eventsPerSecond) * 1000 : undefined
      return { generation, position, total, eventsPerSecond, remainingMs }
    },
  }
}
