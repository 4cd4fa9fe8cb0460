import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { kafkaBroker, kafkaBus } from '../src/index.ts'

const brokers = ['127.0.0.1:9092']

describe('kafkaBus()', () => {
  test('refuses what it cannot use', () => {
    assert.throws(() => kafkaBus({ brokers, timeout: 1 } as never), /Did you mean "timeoutMs"/)
    assert.throws(() => kafkaBus({ brokers: [] }), /list of host:port/)
    assert.throws(() => kafkaBus({ brokers, prefix: 'a b' }), /prefix of kafkaBus/)
    assert.throws(() => kafkaBus({ brokers, clientId: 'a b' }), /clientId of kafkaBus/)
    assert.throws(() => kafkaBus({ brokers, transactionalId: '' }), /transactionalId of kafkaBus/)
    assert.throws(() => kafkaBus({ brokers, format: 'avro' as never }), /format of kafkaBus\(\) to be one of envelope/)
    assert.throws(() => kafkaBus({ brokers, deliveriesMax: 0 }), /deliveriesMax .* from 1 to 1000/)
    assert.throws(() => kafkaBus({ brokers, sessionMs: 9000, heartbeatMs: 3001 }), /heartbeatMs .* from 100 to 3000/)
    assert.doesNotThrow(() => kafkaBus({ brokers, sessionMs: 1000 }))
    assert.throws(() => kafkaBus({ brokers, redelivery: { firstMs: 10, maxMs: 5 } }), /redelivery.maxMs .* from 10/)
    assert.throws(() => kafkaBroker({ brokers, topic: '', source: 'shop' }), /Expected topic/)
  })

  test('shows nothing of what may hold a password', () => {
    for (const wrong of ['kafka://user:secret@host:9092', 'secret', 'host:9092/secret', '']) {
      try {
        kafkaBus({ brokers: [wrong] })
        assert.fail('Expected an error.')
      } catch (error) {
        assert.match(String(error), /host:port/)
        assert.doesNotMatch(inspect(error), /secret/)
      }
    }
  })
})
