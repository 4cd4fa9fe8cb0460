// Forks a log: what has to be done once, after a backup was restored.
import type { Backend, BackendRuntime } from '../stores/backend.ts'
import { systemRuntime } from './system.ts'

/**
 * Gives the log of this store a new incarnation, after a restored backup: tokens, entity tags, checkpoints and snapshots that were
 * made from what the backup lacks are then `diverged` by name, not only when they happen to be compared. No app may run on it meanwhile.
 * Returns the old and the new incarnation. Errors: `store_*`. Reference: docs/reference/backends.md.
 */
export async function forkLog(
  store: Backend,
  runtime: BackendRuntime = systemRuntime(),
): Promise<{ readonly from: string; readonly to: string }> {
  await using opened = await store.open(runtime)
  const from = opened.events.identity.incarnation
  const { incarnation: to } = await opened.events.fork()
  return { from, to }
}
