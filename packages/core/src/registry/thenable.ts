// Handlers may answer at once: what is no promise is not awaited, which saves a turn of the event loop's queue.

/** Whether a value has to be awaited; query builders count, not only promises. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
