-- application_id = 1734701938
-- user_version = 2
-- journal_mode = wal
CREATE TABLE command_log (
  seq INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  command_id TEXT NOT NULL,
  command_type TEXT NOT NULL,
  status TEXT NOT NULL,
  correlation_id TEXT,
  sender TEXT,
  recorded_at INTEGER NOT NULL,
  codec TEXT NOT NULL,
  record BLOB NOT NULL,
  payload TEXT,
  UNIQUE (tenant, command_id)
) STRICT;
CREATE TABLE identity (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  incarnation TEXT NOT NULL,
  secret TEXT NOT NULL
) STRICT;
CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT;
CREATE INDEX command_log_by_correlation ON command_log (correlation_id) WHERE correlation_id IS NOT NULL;
CREATE INDEX command_log_by_time ON command_log (recorded_at);
CREATE INDEX command_log_by_type ON command_log (command_type);
-- applied: command-log 1 records 230b78096aab84d8437c3c640cef68a1b2d1eef8a114f133e5eb6083a7009b6a
