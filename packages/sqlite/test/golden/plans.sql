-- application_id = 1734701936
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
CREATE TABLE plans (
  name TEXT NOT NULL,
  model_version INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  live INTEGER,
  live_since INTEGER,
  building INTEGER,
  building_since INTEGER,
  wanted TEXT NOT NULL,
  PRIMARY KEY (name, model_version)
) STRICT, WITHOUT ROWID;
-- applied: plans 1 plans 8f4eb7b0dc0692fcb3e872995f3ab3d6e8a9d68266ec03a0f63067e10410bbb0
