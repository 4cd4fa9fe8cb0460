import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { isGestaError } from '@gesta/core'
import type { StoredEvent } from '../../../src/stores/event/event-store.ts'
import { createSealing } from '../../../src/stores/event/sealing.ts'
import { createKeyring } from '../../../src/stores/key/keyring.ts'
import { newKeyring } from '../key/secrets.ts'
import { runtime } from '../runtime.ts'
import {
  contractOf,
  contracts,
  personal,
  plain,
  readEvents,
  storedEvent,
  takenEvent,
  textOf,
  unreadable,
} from './sealed-events.ts'

/** Any JSON value; objects with keys that are easily taken for something else. */
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, '', 0, 1e21, 0.1, '\u2028', '\ud83d\ude00', ' {"sealed":"whole"}'),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          'sealed',
          'fields',
          'key',
          'text',
          'data',
          'subject',
          'erased',
          '__proto__',
          'constructor',
          '7',
          '',
        ),
        fc.string(),
      ),
      tie('value'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
})).value
const fieldNames = ['name', 'more', '__proto__', 'constructor', '12', 'data']
/** Data whose fields stand in any order, some of them personal. */
const data = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...fieldNames), fc.string()), json), { maxLength: 8 })
  .map((fields) => {
    const text = fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    return JSON.stringify(JSON.parse(`{"id":"s",${text.join(',')}}`.replace(',}', '}')))
  })

describe('an event that was sealed', () => {
  for (const payloads of ['personal', 'all'] as const) {
    test(`is read as it was written, whatever its data are, to the order of their keys (${payloads})`, async () => {
      const { keys, keyring } = newKeyring()
      const declared = { subject: 'id', fields: fieldNames }
      await fc.assert(
        fc.asyncProperty(data, async (text) => {
          const stored = await storedEvent(keyring, text, { personal: declared, payloads })
          const expected = textOf(JSON.parse(text))
          const read = await readEvents(newKeyring(keys).keyring, [stored], contractOf(declared))
          assert.equal(textOf(read[0]), expected)
          // With the keys in memory it is read at once.
          assert.equal(textOf(takenEvent(keyring, stored, contractOf(declared))), expected)
          assert.equal(Object.getPrototypeOf(read[0]), Object.prototype)
          assert.ok(Object.isFrozen(read[0]))
        }),
        { numRuns: 300 },
      )
    })

    test(`does not open under another event id, path or tenant (${payloads})`, async () => {
      const { keyring } = newKeyring()
      for (const tenant of ['t', 'u']) await keyring.findOrMake({ tenant, subject: 's' })
      const stored = await storedEvent(keyring, plain, { personal, payloads })
      const moved: readonly Partial<StoredEvent>[] = [{ commandId: 'd' }, { index: 1 }, { tenant: 'u' }]
      for (const change of moved) {
        await assert.rejects(readEvents(keyring, [{ ...stored, ...change }], contracts), (error) =>
          isGestaError(error, 'event_unreadable'),
        )
      }
      assert.deepEqual(await readEvents(keyring, [stored], contracts), [JSON.parse(plain)])
    })
  }

  test('does not open with its fields exchanged', async () => {
    const { keyring } = newKeyring()
    const stored = await storedEvent(keyring, plain, { personal })
    const sealed = JSON.parse(stored.data) as { fields: { name: string; more: string } }
    const { name, more } = sealed.fields
    const exchanged = ` ${JSON.stringify({ ...sealed, fields: { name: more, more: name } })}`
    await assert.rejects(
      readEvents(keyring, [{ ...stored, data: exchanged }], contracts),
      unreadable(/what was sealed does not open/, /authenticate/),
    )
  })

  test('is never the same text twice', async () => {
    const { keyring } = newKeyring()
    const texts = await Promise.all(
      Array.from({ length: 50 }, async () => (await storedEvent(keyring, plain, { personal })).data),
    )
    assert.equal(new Set(texts).size, 50)
  })

  test('shows its subject and its other fields, and nothing else', async () => {
    const { keyring } = newKeyring()
    const { data: text } = await storedEvent(keyring, plain, { personal })
    const { data: open_, subject, fields } = JSON.parse(text) as { data: object; subject: string; fields: object }
    assert.deepEqual([subject, open_], ['s', { id: 's', name: null, seen: 1, more: null }])
    assert.deepEqual(Object.keys(fields), ['name', 'more'])
    assert.doesNotMatch(text, /Ann|a@b/)
  })

  test('of a subject that is the aggregate has the key of the aggregate', async () => {
    const { keys, keyring } = newKeyring()
    await storedEvent(keyring, '{"name":"Ann"}', { personal: { fields: ['name'] }, aggregateId: 'ann' })
    assert.notEqual(await keys.get({ tenant: 't', subject: 'ann' }), undefined)
  })

  test('without any of its personal fields needs no key', async () => {
    const { keys, keyring } = newKeyring()
    const stored = await storedEvent(keyring, '{"id":"s","seen":1}', { personal })
    assert.equal(stored.data, '{"id":"s","seen":1}')
    assert.equal(await keys.total(), 0)
  })

  test('is refused when its data name no subject', async () => {
    const { keyring } = newKeyring()
    for (const text of [
      '{"name":"Ann"}',
      '{"id":"","name":"Ann"}',
      '{"id":7,"name":"Ann"}',
      '["Ann"]',
      '"Ann"',
      'null',
    ])
      await assert.rejects(storedEvent(keyring, text, { personal }), (error) => isGestaError(error, 'invalid_output'))
    await assert.rejects(
      storedEvent(keyring, JSON.stringify({ id: 'x'.repeat(513), name: 'Ann' }), { personal }),
      (error) => isGestaError(error, 'invalid_key'),
    )
  })
})

describe('an event that was not sealed', () => {
  test('is never taken for a sealed one, whatever its data look like', async () => {
    const { keyring } = newKeyring()
    const sealed = (await storedEvent(keyring, plain, { personal })).data
    const lookalikes = [sealed, JSON.parse(sealed), { sealed: 'whole', key: 'k', text: 'x' }, { erased: true }]
    for (const value of lookalikes) {
      const stored = await storedEvent(keyring, JSON.stringify(value))
      assert.deepEqual(await readEvents(keyring, [stored]), [value])
      const whole = await storedEvent(keyring, JSON.stringify(value), { payloads: 'all' })
      assert.deepEqual(await readEvents(keyring, [whole]), [value])
    }
  })

  test('is read as it is, though its fields are personal by now', async () => {
    const stored = await storedEvent(newKeyring().keyring, plain)
    assert.deepEqual(await readEvents(newKeyring().keyring, [stored], contracts), [JSON.parse(plain)])
  })
})

describe('an answer', () => {
  test('is sealed only where whole payloads are, and opens in its place', async () => {
    const { keyring, keys } = newKeyring()
    const all = createSealing(keyring, 'all')
    const sealed = await all.answer('t', 'c', '{"name":"Ann"}')
    assert.doesNotMatch(sealed, /Ann/)
    assert.equal(
      await createSealing(newKeyring(keys).keyring, 'personal').openAnswer('t', 'c', sealed),
      '{"name":"Ann"}',
    )
    assert.equal(createSealing(keyring, 'personal').answer('t', 'c', '{"name":"Ann"}'), '{"name":"Ann"}')
    assert.equal(all.openAnswer('t', 'c', '{"name":"Ann"}'), '{"name":"Ann"}')
    for (const [tenant, id] of [
      ['t', 'd'],
      ['u', 'c'],
    ] as const) {
      await keyring.findOrMake({ tenant, subject: '' })
      await assert.rejects(
        async () => all.openAnswer(tenant, id, sealed),
        (error) => {
          assert.ok(isGestaError(error, 'payload_unreadable'))
          assert.match(error.message, new RegExp(`the answer of the command ${id}`))
          return true
        },
      )
    }
  })
})

test('ids of keys and nonces come from the composition root', async () => {
  const taken: number[] = []
  const { wrapping, keys } = newKeyring()
  const ids = { ...runtime.ids, bytes: (count: number) => (taken.push(count), runtime.ids.bytes(count)) }
  await storedEvent(createKeyring({ keys, wrapping, clock: runtime.clock, ids }), '{"id":"s","name":"Ann"}', {
    personal,
  })
  assert.deepEqual(taken, [32, 12, 12])
})
