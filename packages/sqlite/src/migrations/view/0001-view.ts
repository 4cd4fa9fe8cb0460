// A view: whose it is, where in the log it stands, and its rows.
import type { Migration } from '@gesta/core/ports'

const createView = `CREATE TABLE view (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  name TEXT NOT NULL,
  model_version INTEGER NOT NULL,
  generation INTEGER NOT NULL
) STRICT`

const createCheckpoint = `CREATE TABLE checkpoint (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  incarnation TEXT NOT NULL,
  position INTEGER NOT NULL,
  event_id TEXT NOT NULL
) STRICT`

/** value is exact JSON text. */
const createRows = `CREATE TABLE rows (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID`

export const view: Migration = { number: 1, name: 'view', statements: [createView, createCheckpoint, createRows] }
