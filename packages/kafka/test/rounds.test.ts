import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Consumer } from '@platformatic/kafka'
import type { ListOffsetsOptions } from '@platformatic/kafka'
import { kafkaForTests } from '@gesta/services'
import { groupName, topicName } from '../src/names.ts'
import { openTestBus } from './bus-place.ts'
import { forEver, nextBatch, numberOf, ordersOf, paid, publish } from './given.ts'

const kafka = await kafkaForTests()

interface Joined {
  readonly generationId: number
  readonly assignments: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
}

describe('a round of a group that brings more partitions', { skip: kafka.skip }, () => {
  test('leaves those as they are that have begun when another one could not', async (t) => {
    const place = kafka.newTopics()
    await place.make('orders')
    const topic = topicName(place.prefix, 'orders')
    const groupId = groupName(place.prefix, 'orders', 'mails')
    // The client is real; it is told of its partitions in two rounds, and is not told once where partition 2 begins.
    const { emit, listOffsets } = Consumer.prototype
    let joined: { readonly member: Consumer; readonly event: Joined } | undefined
    t.mock.method(Consumer.prototype, 'emit', function (this: Consumer, name: string, event: Joined): boolean {
      if (name !== 'consumer:group:join' || this.groupId !== groupId) return emit.call(this, name, event)
      joined = { member: this, event }
      return emit.call(this, name, { ...event, assignments: [{ topic, partitions: [0] }] })
    })
    const isBehind = Promise.withResolvers<void>()
    let refusals = 0
    const listOrRefuse = async function (this: Consumer, options: ListOffsetsOptions): Promise<unknown> {
      if (this.groupId === groupId && options.partitions?.[topic]?.[0] === 2 && refusals === 0) {
        refusals += 1
        await isBehind.promise
        throw new Error('no answer')
      }
      return listOffsets.call(this, options)
    }
    t.mock.method(Consumer.prototype, 'listOffsets', listOrRefuse as typeof listOffsets)

    // Nothing here may take so long that the member is missed.
    await using bus = await openTestBus(place, { sessionMs: 200_000 })
    const events = Array.from({ length: 100 }, (_, n) => paid(n, { key: String(n) }))
    await publish(ordersOf(bus), events)
    const source = await bus.subscribe('orders', 'mails')
    const seen = new Set<number>((await nextBatch(source)).events.map(numberOf))
    assert.ok(joined !== undefined)
    const { member, event } = joined
    emit.call(member, 'consumer:group:join', { ...event, generationId: event.generationId + 1 })
    const ofPartition1 = await nextBatch(source)
    for (const each of ofPartition1.events) seen.add(numberOf(each))
    isBehind.resolve()
    // Partition 1 is looked at before those that come now.
    while (!(await nextBatch(source)).events.some((each) => !seen.has(numberOf(each))));
    await ofPartition1.ack?.({ signal: forEver })
    const committed = await member.listCommittedOffsets({ topics: [{ topic, partitions: [1] }] })
    assert.equal(committed.get(topic)?.[1], BigInt(ofPartition1.events.length))
    assert.equal(refusals, 1)
  })
})
