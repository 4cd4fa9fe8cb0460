-- application_id = 1734701934
-- user_version = 2
-- journal_mode = wal
CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT;
CREATE TABLE removals (tenant TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE removals_of_all (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL) STRICT;
CREATE TABLE snapshots (
  tenant TEXT NOT NULL,
  aggregate_type TEXT NOT NULL,
  aggregate_id TEXT NOT NULL,
  state_version INTEGER NOT NULL,
  version INTEGER NOT NULL,
  incarnation TEXT NOT NULL,
  event_id TEXT NOT NULL,
  state TEXT NOT NULL,
  personal INTEGER NOT NULL,
  taken_at INTEGER NOT NULL,
  UNIQUE (tenant, aggregate_type, aggregate_id, state_version)
) STRICT;
CREATE INDEX snapshots_personal ON snapshots (tenant) WHERE personal = 1;
-- applied: snapshots 1 snapshots e150e092b28c95634a8e24a8a8d623e1748ea930d946696bd14c730bbc295dcc
