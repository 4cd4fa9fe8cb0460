import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { createServer } from 'node:tls'
import { isGestaError } from '@gesta/core/ports'
import { ownKafkaForTests } from '@gesta/services'
import { openTestBus } from './bus-place.ts'
import { numberOf, ordersOf, paidFrom, publish, take } from './given.ts'

const kafka = await ownKafkaForTests()
// Both sides know a key, so no certificate is needed.
const psk = Buffer.alloc(32, 7)
const shared = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const

describe('a bus over TLS', { skip: kafka.skip }, () => {
  test('publishes and receives, and a client without TLS gets nowhere', async () => {
    let target = 0
    const front = createServer({ ...shared, pskCallback: () => psk }, (client) => {
      const server = connect(target, '127.0.0.1')
      for (const side of [client, server]) side.on('error', () => undefined)
      client.pipe(server).pipe(client)
    })
    front.on('tlsClientError', () => undefined)
    await once(front.listen(0, '127.0.0.1'), 'listening')
    const { port } = front.address() as AddressInfo
    try {
      await using server = await kafka.start({ advertisedPort: port })
      target = Number(new URL(server.url).port)
      const place = { brokers: [`127.0.0.1:${port}`] }
      {
        const tls = { ...shared, pskCallback: () => ({ psk, identity: 'gesta' }), checkServerIdentity: () => undefined }
        await using bus = await openTestBus(place, { tls })
        const source = await bus.subscribe('orders', 'mails')
        await publish(ordersOf(bus), paidFrom(1, 3))
        assert.deepEqual((await take(source, 3)).map(numberOf), [1, 2, 3])
      }
      await assert.rejects(openTestBus(place, { timeoutMs: 500 }), (error) => isGestaError(error, 'broker_unavailable'))
    } finally {
      front.close()
    }
  })
})
