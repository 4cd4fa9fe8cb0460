-- application_id = 1734701924
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
CREATE TABLE objects (
  tenant TEXT NOT NULL,
  bucket TEXT NOT NULL,
  object TEXT NOT NULL,
  content_type TEXT NOT NULL,
  is_public INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  hash TEXT NOT NULL,
  stored_at INTEGER NOT NULL,
  content BLOB NOT NULL,
  UNIQUE (tenant, bucket, object)
) STRICT;
-- applied: data 1 objects 07d3b646794383684954822147d3976a471382a809c0c5994777a991f3af16ba
