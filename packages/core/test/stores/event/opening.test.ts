import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core'
import type { StoredEvent } from '../../../src/stores/event/event-store.ts'
import { createEventDecoder } from '../../../src/stores/event/event-decoder.ts'
import type { KeyStore } from '../../../src/stores/key/key-store.ts'
import { createMemoryKeyStore } from '../../../src/stores/key/memory-key-store.ts'
import { first, newKeyring, second } from '../key/secrets.ts'
import { contracts, personal, plain, readEvents, storedEvent, takenEvent, type, unreadable } from './sealed-events.ts'

describe('an event whose subject was erased', () => {
  test('has all its fields, and the personal ones say that they were erased', async () => {
    for (const payloads of ['personal', 'all'] as const) {
      const { keys, keyring } = newKeyring()
      const stored = await storedEvent(keyring, plain, { personal, payloads })
      await keys.shred({ tenant: 't', subject: 's' }, 'gone', 1)
      const erased = { id: 's', name: { erased: true }, seen: 1, more: { erased: true } }
      assert.deepEqual(await readEvents(newKeyring(keys).keyring, [stored], contracts), [erased])
      keyring.forget({ tenant: 't', subject: 's' })
      assert.deepEqual(await readEvents(keyring, [stored], contracts), [erased])
    }
  })

  test('and was erased before it was stored needs no key to be read', async () => {
    const { keyring, keys } = newKeyring()
    await keys.shred({ tenant: 't', subject: 's' }, 'gone', 1)
    const stored = await storedEvent(keyring, plain, { personal })
    // A key store that was restored without its ledger cannot bring back what was never sealed.
    assert.deepEqual(await readEvents(newKeyring().keyring, [stored], contracts), [
      { id: 's', name: { erased: true }, seen: 1, more: { erased: true } },
    ])
  })
})

describe('an event that cannot be opened is an error, and never erased by mistake', () => {
  test('when its key is not there and was not destroyed', async () => {
    const stored = await storedEvent(newKeyring().keyring, plain, { personal })
    await assert.rejects(
      readEvents(newKeyring().keyring, [stored], contracts),
      unreadable(/the key of the subject s is not in the key store, nor was it destroyed/),
    )
    const whole = await storedEvent(newKeyring().keyring, plain, { payloads: 'all' })
    await assert.rejects(readEvents(newKeyring().keyring, [whole]), unreadable(/the key of its tenant is not/))
  })

  test('when the key store has another key in its place', async () => {
    const stored = await storedEvent(newKeyring().keyring, plain, { personal })
    const { keyring } = newKeyring()
    await keyring.findOrMake({ tenant: 't', subject: 's' })
    await assert.rejects(readEvents(keyring, [stored], contracts), unreadable(/does not open/, /in its place/))
  })

  test('when the secret is another one', async () => {
    const { keys, keyring } = newKeyring()
    const stored = await storedEvent(keyring, plain, { personal })
    await assert.rejects(
      readEvents(newKeyring(keys, [second]).keyring, [stored], contracts),
      unreadable(/the key that sealed it cannot be opened/, /key_unreadable|Cannot open the key/),
    )
    await assert.rejects(
      readEvents(newKeyring(keys, [{ ...second, id: first.id }]).keyring, [stored], contracts),
      unreadable(/the key that sealed it cannot be opened/),
    )
  })

  test('when its text was changed or damaged', async () => {
    const { keyring } = newKeyring()
    for (const payloads of ['personal', 'all'] as const) {
      const stored = await storedEvent(keyring, plain, { personal, payloads })
      const at = payloads === 'all' ? stored.data.indexOf('"text":"') + 12 : stored.data.indexOf('"name":"') + 12
      const flipped = stored.data[at] === 'A' ? 'B' : 'A'
      const changed = `${stored.data.slice(0, at)}${flipped}${stored.data.slice(at + 1)}`
      await assert.rejects(
        readEvents(keyring, [{ ...stored, data: changed }], contracts),
        unreadable(/what was sealed does not open/),
      )
    }
    for (const damaged of [
      ' {"sealed":"',
      ' {"sealed":"fields"}',
      ' {"sealed":"whole","key":7}',
      ' {"sealed":"other"}',
    ]) {
      const stored = { ...(await storedEvent(keyring, plain)), data: damaged }
      await assert.rejects(readEvents(keyring, [stored], contracts), unreadable(/its sealed text is damaged/))
    }
  })

  test('when the app was given no encryption', async () => {
    const stored = await storedEvent(newKeyring().keyring, plain, { personal })
    await assert.rejects(readEvents(undefined, [stored], contracts), unreadable(/was given no encryption/))
    assert.throws(() => takenEvent(undefined, stored, contracts), unreadable(/was given no encryption/))
  })

  test('when the key of its tenant was destroyed', async () => {
    const { keys, keyring } = newKeyring()
    const stored = await storedEvent(keyring, plain, { payloads: 'all' })
    await keys.shred({ tenant: 't', subject: '' }, 'gone', 1)
    await assert.rejects(
      readEvents(newKeyring(keys).keyring, [stored]),
      unreadable(/does not open/, /key of its tenant was destroyed/),
    )
    await assert.rejects(storedEvent(newKeyring(keys).keyring, plain, { payloads: 'all' }), (error) =>
      isGestaError(error, 'payload_unreadable'),
    )
  })

  test('but a key store that does not answer is told as it is', async () => {
    const { keys, keyring } = newKeyring()
    const stored = await storedEvent(keyring, plain, { personal })
    const away: KeyStore = { ...keys, get: () => Promise.reject(new Error('away')) }
    await assert.rejects(readEvents(newKeyring(away).keyring, [stored], contracts), /^Error: away$/)
  })
})

describe('an event that this process has just stored', () => {
  test('is read with the key that sealed it, or not at once when that left the memory', async () => {
    const { keys, keyring } = newKeyring(createMemoryKeyStore(), [first], 1)
    const stored = await storedEvent(keyring, plain, { personal })
    assert.deepEqual(takenEvent(keyring, stored, contracts), JSON.parse(plain))
    await keyring.findOrMake({ tenant: 't', subject: 'another' })
    assert.throws(() => takenEvent(keyring, stored, contracts), unreadable(/is no longer in memory/))
    assert.deepEqual(await readEvents(newKeyring(keys).keyring, [stored], contracts), [JSON.parse(plain)])
  })
})

describe('a page of events', () => {
  test('asks for each key once, whatever it holds', async () => {
    const keys = createMemoryKeyStore()
    const { keyring } = newKeyring(keys)
    const page: StoredEvent[] = []
    for (let at = 0; at < 60; at++)
      page.push(await storedEvent(keyring, plain.replace('"s"', `"s-${at % 6}"`), { personal, commandId: `c-${at}` }))
    let asked = 0
    const counting: KeyStore = { ...keys, get: (scope) => (asked++, keys.get(scope)) }
    // Fewer keys fit into memory than the page needs.
    const read = await readEvents(newKeyring(counting, [first], 2).keyring, page, contracts)
    assert.equal(asked, 6)
    assert.ok(read.every((each) => (each as { name: string }).name === 'Ann'))
  })

  test('without sealed events is decoded at once', async () => {
    const stored = await storedEvent(newKeyring().keyring, plain)
    assert.ok(Array.isArray(createEventDecoder(contracts).decodePage([stored, stored])))
  })

  test('keeps the sealed text of types that the app does not know, and needs no key for them', async () => {
    const stored = await storedEvent(newKeyring().keyring, plain, { personal })
    const [read] = await readEvents(undefined, [stored], new Map())
    assert.deepEqual(read, JSON.parse(stored.data))
  })

  test('brings erased and opened data of older versions up to the current one', async () => {
    const { keys, keyring } = newKeyring()
    const stored = await storedEvent(keyring, plain, { personal })
    const current = new Map([
      [
        type,
        {
          kind: 'event' as const,
          type,
          schemaVersion: 2,
          upcasts: [(old: unknown) => ({ id: 's', called: (old as { name: unknown }).name })],
          personal: { subject: 'id', fields: ['called'] },
        },
      ],
    ])
    assert.deepEqual(await readEvents(keyring, [stored], current), [{ id: 's', called: 'Ann' }])
    await keys.shred({ tenant: 't', subject: 's' }, 'gone', 1)
    assert.deepEqual(await readEvents(newKeyring(keys).keyring, [stored], current), [
      { id: 's', called: { erased: true } },
    ])
  })
})
