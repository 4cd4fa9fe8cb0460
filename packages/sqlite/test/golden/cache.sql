-- application_id = 1734701923
-- user_version = 2
-- journal_mode = wal
CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  expires_at INTEGER,
  value TEXT NOT NULL,
  UNIQUE (tenant, key)
) STRICT;
CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT;
CREATE INDEX entries_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
-- applied: cache 1 entries 7220e15876cdc08221007dd822981d7c37b086b8ccb36a45edde39e8963df3d9
