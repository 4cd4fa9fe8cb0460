-- application_id = 1734701942
-- user_version = 2
-- journal_mode = wal
CREATE TABLE checkpoint (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  incarnation TEXT NOT NULL,
  position INTEGER NOT NULL,
  event_id TEXT NOT NULL
) STRICT;
CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT;
CREATE TABLE rows (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE view (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  name TEXT NOT NULL,
  model_version INTEGER NOT NULL,
  generation INTEGER NOT NULL
) STRICT;
-- applied: view 1 view 3e8af7d391522afa4cd39fa466b723cd896416bdc58163a95a70be063dc6639e
