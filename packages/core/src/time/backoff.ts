// How long to wait before the next attempt: exponential, with full jitter, capped.

export interface Backoff {
  readonly firstMs: number
  readonly maxMs: number
}

/** Milliseconds to wait before attempt `attempt + 1` (attempts count from 1); `random` is in [0, 1). */
export function backoffMs({ firstMs, maxMs }: Backoff, attempt: number, random: () => number): number {
  return random() * longestBackoffMs({ firstMs, maxMs }, attempt)
}

/** The same without jitter: for what one process alone tries again. */
export function longestBackoffMs({ firstMs, maxMs }: Backoff, attempt: number): number {
  return Math.min(maxMs, firstMs * 2 ** (attempt - 1))
}
