import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RedisClientType } from '@redis/client'
import fc from 'fast-check'
import { redisForTests } from '@gesta/services'
import type { TestKeys } from '@gesta/services'
import { openConnection } from '../src/connection.ts'
import { createGroupMember } from '../src/group.ts'
import type { GroupMember, GroupSettings, TakenEntry } from '../src/group.ts'
import { brokerFailures } from '../src/redis-errors.ts'
import { groupKeys } from '../src/topic-keys.ts'
import { connect, openBus, placedFrom, publish } from './given.ts'
import { runtime } from './runtime.ts'

const redis = await redisForTests()
const claimAfterMs = 60_000
const attemptsMax = 2
const members = 3

interface Step {
  readonly do: 'publish' | 'take' | 'ack' | 'fail' | 'give back' | 'leave' | 'end' | 'renew'
  readonly member: number
  readonly count: number
}
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom(
    ...([
      'publish',
      'take',
      'take',
      'take',
      'ack',
      'ack',
      'fail',
      'give back',
      'leave',
      'end',
      'end',
      'renew',
    ] as const),
  ),
  member: fc.nat({ max: members - 1 }),
  count: fc.integer({ min: 1, max: 6 }),
})

/** Plays steps on a group of three receivers, and on what the port says of it. */
async function play(
  keys: TestKeys,
  client: RedisClientType,
  steps: readonly Step[],
  unordered: boolean,
): Promise<void> {
  await using bus = await openBus(keys)
  await using connection = await openConnection({ url: keys.url, timeoutMs: 30_000 }, runtime, brokerFailures)
  const settings: GroupSettings = { unordered, claimAfterMs, attemptsMax, batchEventsMax: 5, start: 'oldest' }
  const stream = `${keys.prefix}topic:orders`
  const place = groupKeys(keys.prefix, 'orders', 'mails')
  let made = 0
  const join = (): { readonly name: string; readonly port: GroupMember; hand: readonly TakenEntry[] } => {
    made += 1
    const name = `receiver ${made}`
    return { name, port: createGroupMember(connection, place, 'mails', name, settings), hand: [] }
  }
  const all = Array.from({ length: members }, join)
  await all[0]?.port.join('oldest')
  let published = 0
  const delivered: string[] = []
  const acked = new Set<string>()
  const seen = (id: string): boolean => delivered.includes(id)

  const take = async (at: (typeof all)[number]): Promise<void> => {
    // A receiver asks when it has nothing in hand.
    if (at.hand.length > 0) return
    const others = all.some(({ hand }) => hand.length > 0)
    const taken = await at.port.take(true)
    if (!unordered && others) assert.equal(taken.found, 'standby')
    if (taken.found !== 'entries') return
    at.hand = taken.entries
    // What failed before comes alone.
    if (taken.entries.some(({ deliveries }) => deliveries > 1)) assert.equal(taken.entries.length, 1)
    for (const { id, deliveries } of taken.entries) {
      assert.ok(!acked.has(id), `${id} was acknowledged`)
      assert.ok(deliveries <= attemptsMax)
      if (!seen(id)) delivered.push(id)
    }
    if (unordered) return
    // Nothing comes before what was delivered and not acknowledged.
    const dead = (await bus.deadLetters('orders', 'mails').list({ limit: 1000 })).map(({ entryId }) => entryId)
    const first = delivered.find((id) => !acked.has(id) && !dead.includes(id))
    assert.equal(taken.entries[0]?.id, first)
  }
  const settle = async (each: Step, at: (typeof all)[number]): Promise<void> => {
    const ids = at.hand.map(({ id }) => id)
    if (each.do === 'ack') {
      await at.port.ack(ids)
      for (const id of ids) acked.add(id)
    }
    if (each.do === 'fail') await at.port.fail(ids, 'drawn')
    if (each.do === 'give back') await at.port.fail(ids, undefined)
    if (each.do === 'leave') await at.port.leave()
    at.hand = []
  }
  for (const each of steps) {
    const at = all[each.member]
    if (at === undefined) continue
    if (each.do === 'publish') {
      await publish(bus, placedFrom(published + 1, published + each.count))
      published += each.count
    } else if (each.do === 'take') await take(at)
    else if (each.do === 'renew') await at.port.renew()
    else if (each.do === 'end') {
      // Killed a long time ago; another one has come in its place.
      const had = await client.xPendingRange(stream, 'mails', '-', '+', 1000, { consumer: at.name })
      const ids = had.map(({ id }) => id)
      const idle = ['IDLE', String(2 * claimAfterMs), 'JUSTID']
      if (ids.length > 0) await client.sendCommand(['XCLAIM', stream, 'mails', at.name, '0', ...ids, ...idle])
      all[each.member] = join()
    } else if (at.hand.length > 0 || each.do === 'leave') {
      await settle(each, at)
      // What it gave back is its own while it waits, which the others cannot know; so it asks at once, or lets go.
      if (each.do === 'fail' || each.do === 'give back') await at.port.leave()
    }
  }
  for (let idle = 0; idle < members;) {
    idle = 0
    for (const at of all) {
      await take(at)
      if (at.hand.length === 0) idle += 1
      else await settle({ do: 'ack', member: 0, count: 0 }, at)
    }
  }
  const letters = await bus.deadLetters('orders', 'mails').list({ limit: 1000 })
  // Everything was delivered, in order for the first time, and is acknowledged or a dead letter.
  assert.equal(delivered.length, published)
  const inOrder = delivered.toSorted((a, b) => Number(a.split('-')[1]) - Number(b.split('-')[1]))
  if (!unordered) assert.deepEqual(delivered, inOrder)
  const settled = [...acked, ...letters.map(({ entryId }) => entryId)]
  assert.deepEqual(new Set(settled), new Set(delivered))
  assert.equal(settled.length, published)
  assert.equal((await client.xPending(stream, 'mails')).pending, 0)
}

describe('the receivers of a group', { skip: redis.skip }, () => {
  for (const unordered of [false, true]) {
    test(`lose nothing, get nothing again that was acknowledged${unordered ? '' : ', and get everything in order'}, whatever they do`, async () => {
      await using keys = redis.newKeys()
      await using client = await connect(keys.url)
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          try {
            await play(keys, client.redis, steps, unordered)
          } finally {
            const names = await client.redis.keys(`${keys.prefix}*`)
            if (names.length > 0) await client.redis.unlink(names)
          }
        }),
        { numRuns: 25 },
      )
    })
  }
})
