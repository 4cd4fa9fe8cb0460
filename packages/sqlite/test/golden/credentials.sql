-- application_id = 1734701944
-- user_version = 2
-- journal_mode = wal
CREATE TABLE credentials (
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  subject TEXT NOT NULL,
  version INTEGER NOT NULL,
  sealed_by TEXT NOT NULL,
  sealed TEXT NOT NULL,
  expires_at INTEGER,
  written_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT;
CREATE INDEX credentials_expires_at ON credentials (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX credentials_sealed_by ON credentials (sealed_by, tenant, kind, id);
CREATE INDEX credentials_subject ON credentials (tenant, subject, kind, id);
-- applied: credentials 1 credentials 2c422d6fe381bb00b27c2fc84da70e0d993a5dff4cd66e4cff5d5f527d87d3ce
