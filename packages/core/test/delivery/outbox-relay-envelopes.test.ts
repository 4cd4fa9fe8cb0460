import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { messageId } from '../../src/stores/outbox/message-id.ts'
import type { Envelope } from '../../src/registry/envelope.ts'
import { decodeEnvelope, encodeEnvelope } from '../../src/registry/envelope-text.ts'
import { createTestBroker, openPlace } from './outbox-place.ts'

const c1 = { tenant: 'tenant-1', commandId: 'c-1' }

describe('an envelope of the outbox', () => {
  test('sends what commits have stored, one batch for each, as integration events with their facts', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    await place.send(['a1', 'a2'], {
      commandId: 'c-1',
      context: '{"traceparent":"00-1","correlationId":"cause","attributes":{"x":"y"}}',
    })
    await place.send(['b1'], { commandId: 'c-2', tenant: '' })
    place.relay(broker)
    await place.until(() => broker.batches.length === 2)
    const [first] = broker.batches
    const idOf = (index: number) => messageId(place.backend.events.identity, { ...c1, index })
    assert.deepEqual(first, [
      {
        id: idOf(0),
        traceparent: '00-1',
        category: 'integration',
        type: 'Order.Sent',
        schemaVersion: 2,
        source: 'shop',
        key: 'a',
        sequence: '1-0',
        tenant: 'tenant-1',
        correlationId: 'cause',
        value: 'a1',
      },
      { ...first?.[0], id: idOf(1), sequence: '1-1', value: 'a2' },
    ])
    const second = broker.batches[1]?.[0]
    assert.deepEqual([second?.tenant, second?.correlationId, second?.traceparent], [undefined, 'c-2', undefined])
    await place.until(async () => (await place.outbox.cursor()) === 2)
  })

  test('gives equal command ids of two tenants, and of two logs, ids of their own', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    for (const tenant of ['tenant-1', 'tenant-2']) await place.send(['a1'], { commandId: 'order-1', tenant })
    place.relay(broker)
    await place.until(() => broker.batches.length === 2)
    const ids = broker.batches.map(([envelope]) => envelope?.id)
    const other = { incarnation: 'i', secret: 'of another log' }
    ids.push(messageId(other, { tenant: 'tenant-1', commandId: 'order-1', index: 0 }))
    assert.equal(new Set(ids).size, 3)
  })

  test('gives a message of a command with the longest id an id that receivers can read', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    const commandIds = ['x'.repeat(512), `${'x'.repeat(511)}y`]
    for (const commandId of commandIds) await place.send(['a1'], { commandId })
    place.relay(broker)
    await place.until(() => broker.batches.length === 2)
    const [first, second] = broker.batches.map(([envelope]) => envelope)
    assert.equal(decodeEnvelope(encodeEnvelope(first as Envelope)).id, first?.id)
    assert.notEqual(first?.id, second?.id)
  })
})
