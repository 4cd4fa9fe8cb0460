// What is left of a view's owners: the fence that keeps earlier ones out, the flush that was the last one, and parked events.
import type { Migration } from '@gesta/core/ports'

/** Beside the name, and not in the checkpoint, because a view is claimed before its first flush and a reset leaves the fence. */
const addFence = 'ALTER TABLE view ADD COLUMN fence INTEGER NOT NULL DEFAULT 0'

/** Tells a flush that is sent again from one that was never done. */
const addFlush = `ALTER TABLE checkpoint ADD COLUMN flush TEXT NOT NULL DEFAULT ''`

/**
 * Rows move behind an index of their keys. Keys that come in no order then touch pages that hold keys only, which makes a view of such
 * keys three times as fast to build, and a row of some kilobytes needs no pages of its own.
 */
const moveRows = [
  `CREATE TABLE kept_rows (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT`,
  'INSERT INTO kept_rows SELECT tenant, key, value FROM rows ORDER BY tenant, key',
  'DROP TABLE rows',
  'ALTER TABLE kept_rows RENAME TO rows',
]

/** rows is a JSON array of texts. asked is 'retry' or 'discard'. Times are microseconds UTC. */
const createParked = `CREATE TABLE parked (
  position INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  rows TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  error TEXT,
  parked_at INTEGER NOT NULL,
  asked TEXT,
  reason TEXT,
  discarded INTEGER NOT NULL
) STRICT`
const byKey = 'CREATE INDEX parked_by_key ON parked (tenant, key, position)'
const whatIsAsked = 'CREATE INDEX parked_asked ON parked (position) WHERE asked IS NOT NULL'

export const parked: Migration = {
  number: 2,
  name: 'parked',
  statements: [addFence, addFlush, ...moveRows, createParked, byKey, whatIsAsked],
}
