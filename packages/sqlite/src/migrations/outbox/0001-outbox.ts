// The relay's cursor, and the messages that are held: those that could not be sent, and those of the same key behind them.
import type { Migration } from '@gesta/core/ports'

/** Where the relay is, and the highest token that it settled with. */
const createCursor = `CREATE TABLE outbox_cursor (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  commit_no INTEGER NOT NULL,
  fencing_token INTEGER NOT NULL
) STRICT`
const startCursor = 'INSERT INTO outbox_cursor (id, commit_no, fencing_token) VALUES (1, 0, 0)'

/**
 * Times are microseconds UTC. is_first: the first waiting one of its tenant and key, which alone may be sent; of a key that has a
 * thousand waiting messages one is looked at.
 */
const createHeld = `CREATE TABLE held_messages (
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  is_dead INTEGER NOT NULL,
  is_first INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  last_attempt_at INTEGER,
  last_error TEXT,
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  PRIMARY KEY (commit_no, idx)
) STRICT, WITHOUT ROWID`
const indexWaiting =
  'CREATE INDEX held_messages_waiting ON held_messages (tenant, key, commit_no, idx) WHERE is_dead = 0'
const indexDue = 'CREATE INDEX held_messages_due ON held_messages (due_at, commit_no, idx) WHERE is_first = 1'

export const outbox: Migration = {
  number: 1,
  name: 'outbox',
  statements: [createCursor, startCursor, createHeld, indexWaiting, indexDue],
}
