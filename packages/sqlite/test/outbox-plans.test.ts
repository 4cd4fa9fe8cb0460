// How the outbox is read: by keys of the tables and of two partial indexes, so that a question costs what it answers and not what is there.
import assert from 'node:assert/strict'
import test from 'node:test'
import { allRows, openForReading, prepareRows } from '../src/database.ts'
import * as sql from '../src/outbox-rows.ts'
import { newStore } from './commits.ts'

test('messages and held messages are searched and never scanned, and nothing large is sorted', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const db = openForReading(store.path)
  try {
    const planOf = (query: string): string =>
      allRows(prepareRows(db, `EXPLAIN QUERY PLAN ${query}`))
        .map((row) => String(row[3]))
        .join('\n')
    const queries = { after: sql.readAfter, places: sql.readPlaces, oldPlaces: sql.readOldPlaces }
    for (const [name, query] of Object.entries(queries)) {
      const plan = planOf(query)
      assert.match(plan, /SEARCH o USING PRIMARY KEY/, `${name}: ${plan}`)
      assert.doesNotMatch(plan, /SCAN (?!outbox_cursor|\(sub|held_messages USING)|TEMP B-TREE/, `${name}: ${plan}`)
    }
    assert.match(planOf(sql.readDue), /SEARCH held_messages USING COVERING INDEX held_messages_due/)
    assert.match(planOf(sql.readNextDue), /INDEX held_messages_due/)
    assert.match(planOf(sql.readFirst), /SEARCH held_messages USING (COVERING )?INDEX held_messages_waiting/)
    const listed = planOf(sql.readHeld('h.type = ? ORDER BY h.commit_no, h.idx LIMIT ?'))
    assert.doesNotMatch(listed, /TEMP B-TREE/)
  } finally {
    db.close()
  }
})
