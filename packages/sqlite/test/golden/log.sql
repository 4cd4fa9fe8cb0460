-- application_id = 1734701935
-- user_version = 2
-- journal_mode = wal
CREATE TABLE lines (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  level INTEGER NOT NULL,
  at INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  trace_id TEXT,
  text TEXT NOT NULL,
  fields TEXT
) STRICT;
CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT;
CREATE TABLE retention (id INTEGER PRIMARY KEY CHECK (id = 1), kept_ms INTEGER) STRICT;
CREATE TABLE sqlite_sequence(name,seq);
CREATE INDEX lines_tenant ON lines (tenant);
CREATE INDEX lines_time ON lines (at);
CREATE INDEX lines_trace ON lines (trace_id) WHERE trace_id IS NOT NULL;
-- applied: lines 1 lines 41164b74df404d755eaa774657c2ff19e39233f127d659da831e3f57e56d5cc0
