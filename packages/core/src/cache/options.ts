// What the cache may be told: when the app starts, and with each value.
import type { CachedOptions } from '../dispatch/caching.ts'
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'

export interface CachingOptions {
  /** Values kept in memory, 1 to 10,000,000. Default 10,000. */
  readonly entriesMax?: number | undefined
  /** Bytes of values in memory, about, at least 65,536. Default 64 MiB. */
  readonly bytesMax?: number | undefined
  /** Whether values are kept in the app's cache store too, for other processes. Default: when `start({ cache })` names one. */
  readonly shared?: boolean | undefined
  /** Milliseconds that a call to the cache store may take, 1 to 60,000; then values are loaded without it. Default 250. */
  readonly sharedTimeoutMs?: number | undefined
  /** Milliseconds that a load may take, 1 to 3,600,000. Default 30,000. */
  readonly loadTimeoutMs?: number | undefined
}
export interface CachingSettings {
  readonly entriesMax: number
  readonly bytesMax: number
  readonly sharedTimeoutMs: number
  readonly loadTimeoutMs: number
}

/** Errors: plain ones and a `RangeError`. */
export function cachingSettings(options: CachingOptions, where: string): CachingSettings {
  checkOptions(options, ['entriesMax', 'bytesMax', 'shared', 'sharedTimeoutMs', 'loadTimeoutMs'], where)
  const { entriesMax = 10_000, bytesMax = 64 * 1024 * 1024, sharedTimeoutMs = 250, loadTimeoutMs = 30_000 } = options
  checkWhole(entriesMax, 'option entriesMax', 1, 10_000_000)
  checkWhole(bytesMax, 'option bytesMax', 65_536)
  checkWhole(sharedTimeoutMs, 'option sharedTimeoutMs', 1, 60_000)
  checkWhole(loadTimeoutMs, 'option loadTimeoutMs', 1, 3_600_000)
  return { entriesMax, bytesMax, sharedTimeoutMs, loadTimeoutMs }
}

const timeMsMax = 31_536_000_000
const negativeMsDefault = 5_000
const optionNames = [
  'ttlMs',
  'aggregates',
  'tags',
  'negativeTtlMs',
  'staleOnErrorMs',
  'staleWhileLoadingMs',
  // Of the caller, and none of the value's.
  'tenant',
  'after',
  'signal',
]

/** How long a value is used, milliseconds each. */
export interface Times {
  readonly ttlMs: number
  readonly negativeTtlMs: number
  readonly staleOnErrorMs: number
  readonly staleWhileLoadingMs: number
}

/** Errors: a plain one, a `RangeError`. */
export function timesOf(options: CachedOptions): Times {
  checkOptions(options, optionNames, 'The cache')
  const { ttlMs, staleOnErrorMs = 0, staleWhileLoadingMs = 0 } = options
  checkWhole(ttlMs, 'option ttlMs', 1, timeMsMax)
  const { negativeTtlMs = Math.min(ttlMs, negativeMsDefault) } = options
  checkWhole(negativeTtlMs, 'option negativeTtlMs', 0, timeMsMax)
  checkWhole(staleOnErrorMs, 'option staleOnErrorMs', 0, timeMsMax)
  checkWhole(staleWhileLoadingMs, 'option staleWhileLoadingMs', 0, timeMsMax)
  return { ttlMs, negativeTtlMs, staleOnErrorMs, staleWhileLoadingMs }
}
