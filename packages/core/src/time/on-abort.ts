// One listener per signal, however many wait for it: a connection's signal outlives its requests, and a listener of an event
// target costs ten times an entry of a set.

const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `run` when the signal aborts; returns what takes it back. */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  const runs = waiting.get(signal) ?? listen(signal)
  runs.add(run)
  return () => void runs.delete(run)
}

function listen(signal: AbortSignal): Set<() => void> {
  const runs = new Set<() => void>()
  waiting.set(signal, runs)
  signal.addEventListener('abort', () => runs.forEach((run) => run()), { once: true })
  return runs
}
