-- application_id = 1734701932
-- user_version = 2
-- journal_mode = wal
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  fencing_token INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT;
-- applied: leases 1 leases bf29910a364e2405491d89e350ef4033b7254e54bb3273abfbe1708232f2c927
