// Replays erasures: what has to be done once, after keys or credentials were restored from a backup.
import { replayErasures as replay } from '../erasure/replay.ts'
import type { Backend, BackendRuntime } from '../stores/backend.ts'
import { systemRuntime } from './system.ts'

/**
 * Destroys again the keys and the credentials of all subjects whose erasure the log tells, after their stores were restored from an older
 * backup. No app may run on the store meanwhile. Returns how many keys went. Errors: `store_*`. Reference: docs/reference/erasure.md.
 */
export async function replayErasures(store: Backend, runtime: BackendRuntime = systemRuntime()): Promise<number> {
  await using opened = await store.open(runtime)
  return await replay(opened.events, opened.keys, opened.credentials)
}
