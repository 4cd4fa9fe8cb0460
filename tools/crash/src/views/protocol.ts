// What the harness and a process that runs read models say to each other, one JSON text per line.
import type { CrashPoint } from '@gesta/core/testing'

export const engineSteps = [
  'open',
  'opened',
  'claim',
  'claimed',
  'flush',
  'flushed',
  'changePlan',
  'planChanged',
  'askParked',
  'parkedAsked',
  'remove',
  'removed',
  'handler',
  'after handler',
] as const
/**
 * A moment of the engine: before and after each thing that it asks of the store, inside of a handler, and a turn of the event loop
 * after one, when a flush may be on its way.
 */
export type EngineStep = (typeof engineSteps)[number]

export interface EngineEnd {
  readonly at: EngineStep
  /** At the `after`th time, counted from 1. */
  readonly after: number
  /** Ended, or stopped to be continued. */
  readonly signal: 'SIGKILL' | 'SIGSTOP'
}
/** The first line that a process is sent. */
export interface Opening {
  /** `memory`: views in memory over a log in SQLite. */
  readonly store: 'sqlite' | 'postgres' | 'memory'
  /** A path or a URL. */
  readonly at: string
  readonly schema?: string | undefined
  /** Where the flush of an adapter ends the process. */
  readonly crash?: CrashPoint | undefined
  /** Where the engine ends it. */
  readonly end?: EngineEnd | undefined
  readonly seed: number
  /** Whether read models are told things at random, or only run. */
  readonly isOperated: boolean
}
/** Every line after that: everything is to be started, healed, caught up and verified. */
export interface Asked {
  readonly do: 'settle'
}

export interface Settled {
  readonly readModel: string
  readonly differences: number
  readonly listed: string
}
export type FromProcess =
  | { readonly ready: true }
  /** Commands that were acknowledged so far. */
  | { readonly wrote: number }
  /** What read models were told to do, by name, and was done. */
  | { readonly told: string }
  /** With the number of views that were compared with the log, where nobody else can do it. */
  | { readonly settled: readonly Settled[]; readonly views: number }
  /** The process is about to stop itself in front of a flush. */
  | { readonly stopping: string }
  /** A flush has ended: whether it moved its view. */
  | { readonly flushed: string; readonly isMoved: boolean }
  /** Something that must not happen. */
  | { readonly wrong: string }
