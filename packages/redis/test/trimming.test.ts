import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RedisClientType } from '@redis/client'
import fc from 'fast-check'
import { redisForTests } from '@gesta/services'
import type { TestKeys } from '@gesta/services'
import { openConnection } from '../src/connection.ts'
import { createGroupMember } from '../src/group.ts'
import type { GroupMember, GroupSettings } from '../src/group.ts'
import { brokerFailures } from '../src/redis-errors.ts'
import { groupKeys } from '../src/topic-keys.ts'
import { connect, numbers, openBus, placed, placedFrom, publish, take, until } from './given.ts'
import { runtime } from './runtime.ts'

const redis = await redisForTests()
const groups = ['mails', 'bills']
const settings: GroupSettings = {
  unordered: true,
  claimAfterMs: 60_000,
  attemptsMax: 2,
  batchEventsMax: 4,
  start: 'oldest',
}

type Step =
  | { readonly do: 'publish'; readonly count: number; readonly sequenced: boolean }
  | { readonly do: 'take' | 'ack' | 'fail' | 'leave'; readonly member: number; readonly count: number }
  | { readonly do: 'tidy' }
  | { readonly do: 'put back' }

const member = fc.nat({ max: 3 })
const count = fc.integer({ min: 1, max: 5 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('publish' as const), count, sequenced: fc.boolean() }),
  fc.record({
    do: fc.constantFrom(
      'take' as const,
      'take' as const,
      'ack' as const,
      'ack' as const,
      'fail' as const,
      'leave' as const,
    ),
    member,
    count,
  }),
  fc.constantFrom<Step>({ do: 'tidy' }, { do: 'put back' }),
)

/** Two receivers of each of two groups, and what each group has not acknowledged yet. */
async function play(keys: TestKeys, client: RedisClientType, steps: readonly Step[]): Promise<void> {
  await using bus = await openBus(keys)
  await using connection = await openConnection({ url: keys.url, timeoutMs: 30_000 }, runtime, brokerFailures)
  const members = groups.flatMap((group) =>
    ['one', 'two'].map((name) => ({
      group,
      port: createGroupMember(connection, groupKeys(keys.prefix, 'orders', group), group, name, settings),
      hand: [] as string[],
    })),
  )
  for (const { port } of members) await port.join('oldest')
  const stream = `${keys.prefix}topic:orders`
  /** By group: ids that it needs, and has not acknowledged or given up. */
  const needed = new Map(groups.map((group) => [group, new Set<string>()]))
  const idsThere = async (): Promise<readonly string[]> =>
    ((await client.xRange(stream, '-', '+')) ?? []).map(({ id }) => id)
  const needNew = async (before: ReadonlySet<string>, only: readonly string[]): Promise<void> => {
    for (const id of await idsThere()) if (!before.has(id)) for (const group of only) needed.get(group)?.add(id)
  }
  const acknowledge = async (at: number, ids: readonly string[]): Promise<void> => {
    const { group = '', port, hand } = members[at] ?? {}
    if (ids.length === 0) return
    await port?.ack(ids)
    for (const id of ids) {
      needed.get(group)?.delete(id)
      hand?.splice(hand.indexOf(id), 1)
    }
  }
  const takeInto = async ({ port, hand }: { port: GroupMember; hand: string[] }): Promise<boolean> => {
    const taken = await port.take(false)
    if (taken.found !== 'entries') return false
    for (const { id } of taken.entries) if (!hand.includes(id)) hand.push(id)
    return true
  }
  const tidyAndCheck = async (): Promise<void> => {
    await members[0]?.port.tidy()
    const there = await idsThere()
    for (const ids of needed.values()) for (const id of ids) assert.ok(there.includes(id), `${id} is gone`)
  }
  let published = 0
  for (const each of steps) {
    if (each.do === 'publish') {
      const before = new Set(await idsThere())
      const events = numbers(published + 1, published + each.count)
      await publish(
        bus,
        each.sequenced ? events.map((n) => placed(n, { sequence: `${n}-0` })) : events.map((n) => placed(n)),
      )
      published += each.count
      await needNew(before, groups)
    } else if (each.do === 'put back') {
      for (const group of groups) {
        const before = new Set(await idsThere())
        await bus.deadLetters('orders', group).requeue()
        // Of other groups it is passed over, which is as good as taken.
        await needNew(before, groups)
      }
    } else if (each.do === 'tidy') {
      await tidyAndCheck()
    } else {
      const at = members[each.member]
      if (at === undefined) continue
      if (each.do === 'take') await takeInto(at)
      else if (each.do === 'ack') await acknowledge(each.member, at.hand.slice(0, each.count))
      else if (each.do === 'leave') {
        await at.port.leave()
        at.hand.length = 0
      } else {
        await at.port.fail(at.hand, 'drawn')
        const letters = await bus.deadLetters('orders', at.group).list({ limit: 1000 })
        for (const { entryId } of letters) needed.get(at.group)?.delete(entryId)
        at.hand.length = 0
      }
    }
  }
  // Everything is delivered in the end, and then nothing is left.
  await tidyAndCheck()
  for (const [index, each] of members.entries())
    for (let goesOn = true; goesOn;) {
      goesOn = await takeInto(each)
      await acknowledge(index, [...each.hand])
    }
  assert.deepEqual(
    [...needed.values()].map(({ size }) => size),
    [0, 0],
  )
  await members[0]?.port.tidy()
  assert.deepEqual(await idsThere(), [])
}

describe('the stream of a topic', { skip: redis.skip }, () => {
  test('keeps what any of its groups needs, and nothing else, whatever is done in whatever order', async () => {
    await using keys = redis.newKeys()
    await using client = await connect(keys.url)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        try {
          await play(keys, client.redis, steps)
        } finally {
          const names = await client.redis.keys(`${keys.prefix}*`)
          if (names.length > 0) await client.redis.unlink(names)
        }
      }),
      { numRuns: 25 },
    )
  })

  test('is tidied by receivers: what all groups have acknowledged is gone', async () => {
    await using keys = redis.newKeys()
    await using client = await connect(keys.url)
    await using bus = await openBus(keys)
    await using mails = await bus.subscribe('orders', 'mails')
    await using bills = await bus.subscribe('orders', 'bills')
    await publish(bus, placedFrom(1, 250))
    await take(mails, 250)
    await take(bills, 250)
    const waiting = new AbortController()
    const receiving = mails.receiveEventBatch({ signal: waiting.signal })
    await until(async () => (await client.redis.xLen(`${keys.prefix}topic:orders`)) === 0)
    waiting.abort()
    await assert.rejects(receiving)
  })
})
