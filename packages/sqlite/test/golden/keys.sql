-- application_id = 1734701931
-- user_version = 2
-- journal_mode = wal
CREATE TABLE keys (
  tenant TEXT NOT NULL,
  subject TEXT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped_by TEXT NOT NULL,
  wrapped TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT;
CREATE TABLE shredded (
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  subject TEXT NOT NULL,
  key_id TEXT,
  reason TEXT NOT NULL,
  shredded_at INTEGER NOT NULL,
  UNIQUE (tenant, subject)
) STRICT;
CREATE INDEX keys_wrapped_by ON keys (wrapped_by, tenant, subject);
-- applied: keys 1 keys 4b7f71686ad6c437d20b7adf38c97206fd6a4e8b034bd8f09ce62e317c2594fa
