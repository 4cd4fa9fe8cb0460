// Connections that break while a view is flushed: nobody is told that a flush was written, or was not, who cannot know.
import assert from 'node:assert/strict'
import test from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { Checkpoint, Flush, OwnTables } from '@gesta/core/ports'
import { startTcpProxy } from '@gesta/services'
import { Client } from 'pg'
import { postgres } from '../src/index.ts'
import { newSchema, runtime, skip } from './place.ts'

const orders = { name: 'orders', modelVersion: 1, generation: 1 }
const notes: OwnTables = {
  names: ['notes'],
  create: (table) => [`CREATE TABLE ${table('notes')} (id integer PRIMARY KEY)`],
}
const at = (position: number): Checkpoint => ({
  incarnation: 'i',
  position,
  eventId: position === 0 ? '' : `e${position}`,
})

test(
  'a flush whose answer is lost is told as unavailable, and is there as a whole or not at all',
  { skip },
  async () => {
    const { url, schema } = await newSchema()
    await using proxy = await startTcpProxy(url)
    await using direct = await postgres({ url, schema }).open(runtime)
    await using backend = await postgres({
      url: proxy.through(url),
      directUrl: url,
      schema,
      connectionsMax: 1,
      retryForMs: 0,
    }).open(runtime)
    const view = await backend.readModels.open(orders, notes)
    const seen = await direct.readModels.open(orders, notes)
    const flushTo = (position: number): Flush => ({
      expected: at(position - 1),
      next: at(position),
      writes: [{ tenant: 't', key: `k${position}`, value: String(position) }],
      statements: [{ text: `INSERT INTO ${view.table('notes')} VALUES ($1)`, values: [position] }],
    })
    let [position, lost] = [0, 0]
    for (let round = 0; position < 12; round += 1) {
      // Later and later in the exchange, in one direction and in the other: so also behind the COMMIT.
      const direction = round % 2 === 0 ? 'answers' : 'requests'
      proxy.impose({ cutAfter: { direction, bytes: 20 + ((round * 131) % 900) } })
      try {
        assert.equal(await view.flush(flushTo(position + 1)), true)
        position += 1
      } catch (error) {
        assert.ok(isGestaError(error, 'store_unavailable'), String(error))
        lost += 1
        // A session that was left behind is done with its view before another one has the view's lock.
        await seen.claim(round + 1)
        position = (await seen.checkpoint())?.position ?? 0
      }
      assert.equal((await seen.list('t', {})).total, position)
      const [count] = await seen.select({ text: `SELECT count(*) AS notes FROM ${seen.table('notes')}`, values: [] })
      assert.deepEqual(count, { notes: position })
      proxy.heal()
    }
    assert.ok(lost > 0)
  },
)

test(
  'a client that is gone in the middle of a flush keeps the next owner waiting for seconds, not for ever',
  { skip },
  async () => {
    const { url, schema } = await newSchema()
    await using direct = await postgres({ url, schema }).open(runtime)
    const view = await direct.readModels.open(orders)
    const client = new Client({ connectionString: url })
    const ended = new Promise<void>((resolve) => client.on('end', resolve))
    client.on('error', () => undefined)
    await client.connect()
    // What a process has sent that stands still before the rest of its transaction.
    await client.query(
      `BEGIN; SELECT ${schema}.flush_view(1, true, 1, 'i', 0, '', 'i', 1, 'e1', '{}', '{}', '{}', '{}', 0, '{}', '{}', NULL, NULL, 10)`,
    )
    assert.equal(await view.claim(2), true)
    await ended
    assert.equal(await view.checkpoint(), undefined)
  },
)
