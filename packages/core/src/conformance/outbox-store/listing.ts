// Held messages as operators see them: in order, filtered, page by page, counted.
import assert from 'node:assert/strict'
import type { HeldFilter, HeldMessage } from '../../stores/outbox/outbox-store.ts'
import { everyPage } from '../event-store/plain-list.ts'
import { oneTo, refused } from '../event-store/given.ts'
import { badKeys } from '../refused.ts'
import { dead, heldAs, message, nowUs, place, plain, sends, settled, waiting } from './given.ts'
import type { GivenOutboxStore, OutboxStoreCase } from './given.ts'

const filters: readonly HeldFilter[] = [
  {},
  { state: 'waiting' },
  { state: 'dead' },
  { tenant: 'left' },
  { tenant: '' },
  { type: 'Order.Told' },
  { key: 'a' },
  { key: 'nobody' },
  { state: 'dead', tenant: 'left', type: 'Order.Sent', key: 'b' },
]

/** 36 messages of several tenants, keys and types, of which a third is sent, a third waits and a third is dead; the held ones. */
async function heldMessages({
  events,
  outbox,
}: Pick<GivenOutboxStore, 'events' | 'outbox'>): Promise<readonly HeldMessage[]> {
  const held: HeldMessage[] = []
  for (const number of oneTo(12)) {
    const messages = oneTo(3).map((each) =>
      message({ key: 'abc'[(number + each) % 3] as string, type: number % 4 === 0 ? 'Order.Told' : 'Order.Sent' }),
    )
    const [one, two] = await sends(events, messages, { tenant: ['left', 'right', ''][number % 3] as string })
    held.push(
      heldAs(one, waiting(one, nowUs + number)),
      heldAs(two, dead(two, { lastError: 'Error', lastAttemptAt: nowUs })),
    )
  }
  await settled(outbox, { to: 12, held })
  return held
}

function plainFilter(held: readonly HeldMessage[], filter: HeldFilter): readonly HeldMessage[] {
  const asked = Object.entries(filter) as [keyof HeldFilter, string][]
  return held.filter((each) => asked.every(([field, value]) => each[field] === value))
}

const group = 'listing'
export const listingCases: readonly OutboxStoreCase[] = [
  {
    group,
    name: 'lists, pages, offsets and counts are those of all held messages, filtered in plain JavaScript',
    run: async (given) => {
      const held = await heldMessages(given)
      for (const filter of filters) {
        const expected = plainFilter(held, filter)
        const found = await everyPage((page) => given.outbox.list(filter, page), { limit: 5 })
        assert.deepEqual(plain(found), plain(expected))
        const page = await given.outbox.list(filter, { limit: 4, offset: 3, withTotal: true })
        assert.deepEqual([plain(page.items), page.total], [plain(expected.slice(3, 7)), expected.length])
        assert.equal((await given.outbox.list(filter, { limit: 4 })).total, undefined)
        assert.equal(await given.outbox.total(filter), expected.length)
      }
      assert.equal(await given.outbox.total(), held.length)
      assert.equal((await given.outbox.info()).items, held.length)
    },
  },
  {
    group,
    name: 'reading on neither repeats nor skips what stays, while other messages come and go',
    run: async (given) => {
      const held = await heldMessages(given)
      const { outbox } = given
      const first = await outbox.list({}, { limit: 10 })
      await settled(outbox, {
        sent: held
          .slice(4, 12)
          .filter(({ state }) => state === 'waiting')
          .map(place),
      })
      const rest = await everyPage((page) => outbox.list({}, { ...page, cursor: page.cursor ?? first.cursor }), {
        limit: 7,
      })
      const stay = held.slice(10).filter((each) => !(each.state === 'waiting' && held.indexOf(each) < 12))
      assert.deepEqual(plain(rest), plain(stay))
    },
  },
  {
    group,
    name: 'a cursor holds for its own question only, and a filter that is none is refused',
    run: async (given) => {
      await heldMessages(given)
      const { outbox } = given
      const { cursor } = await outbox.list({ state: 'dead' }, { limit: 2 })
      assert.ok(cursor !== undefined)
      await refused(outbox.list({ state: 'waiting' }, { limit: 2, cursor }), 'invalid_cursor')
      await refused(outbox.list({}, { cursor: 'nonsense' }), 'invalid_cursor')
      for (const key of badKeys) {
        await refused(outbox.list({ key }), 'invalid_key')
        await refused(outbox.total({ type: key }), 'invalid_key')
        if (key !== '') await refused(outbox.requeue({ tenant: key }, nowUs), 'invalid_key')
      }
      await assert.rejects(() => outbox.list({ state: 'sent' as never }), Error)
      await assert.rejects(() => outbox.requeue({ sate: 'dead' } as never, nowUs), Error)
      assert.equal(await outbox.total({ state: 'dead' }), 12)
    },
  },
]
