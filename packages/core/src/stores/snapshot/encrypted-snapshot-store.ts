// A snapshot store whose states are sealed under the key of their tenant: those that personal data may have flowed into, or all.
import { findGestaError } from '../../errors/gesta-error.ts'
import type { Keyring } from '../key/keyring.ts'
import { openText, sealText } from '../key/sealed-payload.ts'
import type { PayloadName } from '../key/sealed-payload.ts'
import type { Snapshot, SnapshotStore } from './snapshot-store.ts'

/** The same store, sealed. A snapshot that does not open is not found. */
export function encryptedSnapshotStore(store: SnapshotStore, keyring: Keyring, all: boolean): SnapshotStore {
  return {
    ...store,
    save: async (snapshot, removals) => {
      const isSealed = all || snapshot.personal
      const state = isSealed ? await sealText(keyring, nameOf(snapshot), snapshot.state) : snapshot.state
      await store.save({ ...snapshot, state }, removals)
    },
    latest: async (key, stateVersion, incarnation) => {
      const found = await store.latest(key, stateVersion, incarnation)
      if (found === undefined) return undefined
      try {
        return { ...found, state: await openText(keyring, nameOf(found), found.state) }
      } catch (error) {
        if (findGestaError(error, 'payload_unreadable') ?? findGestaError(error, 'key_unreadable')) return undefined
        throw error
      }
    },
  }
}

function nameOf({ tenant, aggregateType, aggregateId, stateVersion, eventId }: Snapshot): PayloadName {
  return {
    tenant,
    place: ['snapshot', tenant, aggregateType, aggregateId, String(stateVersion), eventId],
    what: `the snapshot of ${aggregateType} ${aggregateId}`,
  }
}
