// A backend as an app with encryption uses it: what is sealed in it is opened on the way out, and sealed on the way in.
import type { OpenBackend } from './backend.ts'
import { encryptedCacheStore } from './cache/encrypted-cache-store.ts'
import { encryptedDataStore } from './data/encrypted-data-store.ts'
import type { Sealing } from './event/sealing.ts'
import { openingCommandLog, openingEventStore } from './opening-headers.ts'
import { encryptedSnapshotStore } from './snapshot/encrypted-snapshot-store.ts'

/** The same backend. Events stay as they are stored: the decoder opens them. */
export function encryptedBackend(backend: OpenBackend, sealing: Sealing): OpenBackend {
  const { keyring, all } = sealing
  const opening = {
    ...backend,
    events: openingEventStore(backend.events, sealing),
    commandLog: openingCommandLog(backend.commandLog, sealing),
    snapshots: encryptedSnapshotStore(backend.snapshots, keyring, all),
  }
  if (!all) return opening
  return {
    ...opening,
    data: encryptedDataStore(backend.data, keyring),
    cache: encryptedCacheStore(backend.cache, keyring),
  }
}
