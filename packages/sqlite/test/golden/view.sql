-- application_id = 1734701942
-- user_version = 2
-- journal_mode = wal
CREATE TABLE checkpoint (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  incarnation TEXT NOT NULL,
  position INTEGER NOT NULL,
  event_id TEXT NOT NULL
, flush TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT;
CREATE TABLE parked (
  position INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  rows TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  error TEXT,
  parked_at INTEGER NOT NULL,
  asked TEXT,
  reason TEXT,
  discarded INTEGER NOT NULL
) STRICT;
CREATE TABLE "rows" (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT;
CREATE TABLE view (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  name TEXT NOT NULL,
  model_version INTEGER NOT NULL,
  generation INTEGER NOT NULL
, fence INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX parked_asked ON parked (position) WHERE asked IS NOT NULL;
CREATE INDEX parked_by_key ON parked (tenant, key, position);
-- applied: view 1 view 3e8af7d391522afa4cd39fa466b723cd896416bdc58163a95a70be063dc6639e
-- applied: view 2 parked eeca019b7458b2a0859a2f7eada3368377a7b2a3117e01217cb0410979a0685e
