// Lines of the application's logger, and how long they are kept. AUTOINCREMENT: an id is never used again, also after a purge.
import type { Migration } from '@gesta/core/ports'

/** level is its place among the levels, from 0 for trace; at is microseconds UTC; fields is exact JSON text. */
const createLines = `CREATE TABLE lines (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  level INTEGER NOT NULL,
  at INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  trace_id TEXT,
  text TEXT NOT NULL,
  fields TEXT
) STRICT`

const createTimeIndex = 'CREATE INDEX lines_time ON lines (at)'
const createTraceIndex = 'CREATE INDEX lines_trace ON lines (trace_id) WHERE trace_id IS NOT NULL'
const createTenantIndex = 'CREATE INDEX lines_tenant ON lines (tenant)'

/** kept_ms is NULL when lines are kept until they are purged. */
const createRetention = 'CREATE TABLE retention (id INTEGER PRIMARY KEY CHECK (id = 1), kept_ms INTEGER) STRICT'
const startRetention = 'INSERT INTO retention (id, kept_ms) VALUES (1, NULL)'

export const lines: Migration = {
  number: 1,
  name: 'lines',
  statements: [createLines, createTimeIndex, createTraceIndex, createTenantIndex, createRetention, startRetention],
}
