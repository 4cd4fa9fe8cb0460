import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { jetstreamManager } from '@nats-io/jetstream'
import { natsForTests } from '../../src/index.ts'
import { connectNats } from '../../src/nats/connection.ts'

const nats = await natsForTests()

describe('streams for a test', { skip: nats.skip }, () => {
  test('have a prefix of their own, and those under it are deleted when they are disposed', async () => {
    const one = nats.newStreams()
    await using other = nats.newStreams()
    await using client = await connectNats(one.url)
    const manager = await jetstreamManager(client)
    for (const { prefix } of [one, other])
      await manager.streams.add({ name: `${prefix}~orders`, subjects: [`${prefix}.orders.>`] })
    await one[Symbol.asyncDispose]()
    await assert.rejects(manager.streams.info(`${one.prefix}~orders`), /not found/)
    assert.equal((await manager.streams.info(`${other.prefix}~orders`)).config.name, `${other.prefix}~orders`)
  })
})
