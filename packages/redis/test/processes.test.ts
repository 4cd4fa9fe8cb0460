import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { redisForTests } from '@gesta/services'
import { runReceiver } from './children/run.ts'
import { connect, numbers, openBus, placedFrom, publish, takeNumbers, until } from './given.ts'

const redis = await redisForTests()
/** Short, so that the tests are; whoever is late in it loses what it has, and the outcome is the same. */
const claimAfterMs = 1000

describe('a receiver in another process', { skip: redis.skip }, () => {
  test('that is killed loses what it has in hand to the others, and nothing else is lost', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { claimAfterMs })
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, placedFrom(1, 5))
    await using child = runReceiver(keys.url, keys.prefix, String(claimAfterMs))
    assert.deepEqual(await child.nextLine(), numbers(1, 5))
    child.signal('SIGKILL')
    await publish(bus, placedFrom(6, 8))
    const found = await takeNumbers(source, 8)
    assert.deepEqual(
      found.toSorted((a, b) => a - b),
      numbers(1, 8),
    )
    assert.equal(await bus.deadLetters('orders', 'mails').total(), 0)
  })

  test('that is stopped and goes on later than it may settles what others have taken without harm, and goes on', async () => {
    for (const settles of ['ack', 'fail']) {
      await using keys = redis.newKeys()
      await using client = await connect(keys.url)
      await using bus = await openBus(keys, { claimAfterMs })
      await publish(bus, placedFrom(1, 5))
      await using child = runReceiver(keys.url, keys.prefix, String(claimAfterMs))
      assert.deepEqual(await child.nextLine(), numbers(1, 5))
      child.signal('SIGSTOP')
      {
        await using source = await bus.subscribe('orders', 'mails')
        assert.deepEqual(await takeNumbers(source, 5), numbers(1, 5))
      }
      child.signal('SIGCONT')
      child.tell(settles)
      assert.equal(await child.nextLine(), settles)
      await publish(bus, placedFrom(6, 8))
      assert.deepEqual(await child.nextLine(), numbers(6, 8))
      child.tell('ack')
      assert.equal(await child.nextLine(), 'ack')
      const stream = `${keys.prefix}topic:orders`
      await until(async () => (await client.redis.xPending(stream, 'mails')).pending === 0)
      assert.equal(await bus.deadLetters('orders', 'mails').total(), 0)
    }
  })
})
