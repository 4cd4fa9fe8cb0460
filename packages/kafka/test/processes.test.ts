import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { kafkaForTests } from '@gesta/services'
import { openTestBus } from './bus-place.ts'
import { numberOf, ordersOf, paidFrom, publish, take } from './given.ts'

const kafka = await kafkaForTests()

describe('a process that is killed', { skip: kafka.skip }, () => {
  test('loses nothing that it held, and what it had acknowledged does not come again', async () => {
    const place = kafka.newTopics()
    await using bus = await openTestBus(place)
    const child = fork(join(import.meta.dirname, 'children', 'holder.ts'), [place.brokers.join(','), place.prefix], {
      execArgv: ['--conditions=gesta-source'],
    })
    const gone = once(child, 'exit')
    await publish(ordersOf(bus), paidFrom(1, 3))
    const [{ acknowledged }] = (await once(child, 'message')) as [{ acknowledged: readonly number[] }]
    await publish(ordersOf(bus), paidFrom(4, 6))
    const [{ held }] = (await once(child, 'message')) as [{ held: readonly number[] }]
    child.kill('SIGKILL')
    await gone
    assert.equal(held[0], (acknowledged.at(-1) ?? 0) + 1)
    const source = await bus.subscribe('orders', 'mails')
    const left = (await take(source, 6 - acknowledged.length)).map(numberOf)
    assert.deepEqual([...acknowledged, ...left], [1, 2, 3, 4, 5, 6])
  })
})
