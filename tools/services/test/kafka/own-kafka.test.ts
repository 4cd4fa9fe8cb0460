import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ownKafkaForTests } from '../../src/index.ts'
import { greetKafka, isMockCluster } from '../../src/kafka/greet.ts'

const kafka = await ownKafkaForTests()

describe('a Kafka of its own', { skip: kafka.skip }, () => {
  test('is stopped and started again, on the same port', async () => {
    await using server = await kafka.start()
    for (const mode of ['fast', 'immediate'] as const) {
      await server.stop(mode)
      await assert.rejects(greetKafka(server.url), /ECONNREFUSED/)
      await server.start()
      assert.equal(await greetKafka(server.url), 'mock cluster')
    }
  })

  test('is known as the mock cluster that it is', async () => {
    await using server = await kafka.start({ brokers: 3 })
    assert.equal(await isMockCluster(server.url), true)
    await assert.rejects(greetKafka('redis://127.0.0.1:1'), /begins with kafka:/)
  })

  test('is reached through its proxy, and not when the proxy refuses', async () => {
    await using server = await kafka.startProxied()
    assert.equal(await greetKafka(server.url), 'mock cluster')
    server.proxy.refuse()
    await assert.rejects(greetKafka(server.url), /ECONNREFUSED/)
    await server.proxy.accept()
    assert.equal(await greetKafka(server.url), 'mock cluster')
    assert.notEqual(new URL(server.url).port, new URL(server.server.url).port)
  })
})
