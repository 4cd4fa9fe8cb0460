import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { encryptedSnapshotStore } from '../../../src/stores/snapshot/encrypted-snapshot-store.ts'
import { createMemorySnapshotStore } from '../../../src/stores/snapshot/memory-snapshot-store.ts'
import type { Snapshot } from '../../../src/stores/snapshot/snapshot-store.ts'
import { newKeyring } from '../key/secrets.ts'

const snapshot: Snapshot = {
  tenant: 't',
  aggregateType: 'Customer',
  aggregateId: 'ann',
  stateVersion: 1,
  version: 3,
  incarnation: 'i',
  eventId: 'c.0',
  state: '{"name":"Ann"}',
  personal: true,
  takenAt: 1,
}

describe('a sealed snapshot store', () => {
  for (const all of [false, true]) {
    test(`seals ${all ? 'all states' : 'states that may be personal'}, and gives them back`, async () => {
      const inner = createMemorySnapshotStore()
      const store = encryptedSnapshotStore(inner, newKeyring().keyring, all)
      await store.save(snapshot)
      await store.save({ ...snapshot, aggregateId: 'plain', personal: false })
      assert.deepEqual(await store.latest(snapshot, 1, 'i'), snapshot)
      assert.equal((await store.latest({ ...snapshot, aggregateId: 'plain' }, 1, 'i'))?.state, snapshot.state)
      const kept = async (aggregateId: string): Promise<string> =>
        (await inner.latest({ ...snapshot, aggregateId }, 1, 'i'))?.state ?? ''
      assert.doesNotMatch(await kept('ann'), /Ann/)
      assert.equal(/Ann/.test(await kept('plain')), !all)
    })
  }

  test('does not find what does not open', async () => {
    const inner = createMemorySnapshotStore()
    await encryptedSnapshotStore(inner, newKeyring().keyring, false).save(snapshot)
    const { keyring } = newKeyring()
    assert.equal(await encryptedSnapshotStore(inner, keyring, false).latest(snapshot, 1, 'i'), undefined)
    await keyring.findOrMake({ tenant: 't', subject: '' })
    assert.equal(await encryptedSnapshotStore(inner, keyring, false).latest(snapshot, 1, 'i'), undefined)
  })

  test('passes on how often the snapshots of the tenant were removed', async () => {
    const store = encryptedSnapshotStore(createMemorySnapshotStore(), newKeyring().keyring, false)
    const removals = await store.removals('t')
    await store.deletePersonal('t')
    await store.save(snapshot, removals)
    assert.equal(await store.total(), 0)
  })
})
