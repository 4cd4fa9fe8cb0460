-- application_id = 1734701940
-- user_version = 2
-- journal_mode = wal
CREATE TRIGGER audit_log_never_deleted BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'entries of the audit log are never changed'); END;
CREATE TRIGGER audit_log_never_replaced BEFORE INSERT ON audit_log
  WHEN EXISTS (SELECT 1 FROM audit_log WHERE entry_no = NEW.entry_no)
    OR EXISTS (SELECT 1 FROM audit_log WHERE tenant = NEW.tenant AND sequence = NEW.sequence)
    OR EXISTS (SELECT 1 FROM audit_log WHERE tenant = NEW.tenant AND command_id = NEW.command_id AND idx = NEW.idx) BEGIN SELECT RAISE(ABORT, 'entries of the audit log are never changed'); END;
CREATE TRIGGER audit_log_never_updated BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'entries of the audit log are never changed'); END;
CREATE TABLE audit_log (
  entry_no INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  command_id TEXT NOT NULL,
  idx INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  action TEXT NOT NULL,
  actor TEXT NOT NULL,
  resource TEXT NOT NULL,
  outcome TEXT NOT NULL,
  data TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (tenant, command_id, idx)
) STRICT;
CREATE TABLE commits (
  commit_no INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  command_id TEXT NOT NULL,
  command_type TEXT NOT NULL,
  outcome TEXT NOT NULL,
  answer TEXT,
  version INTEGER,
  fingerprint TEXT,
  correlation_id TEXT,
  context TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  position INTEGER NOT NULL,
  event_count INTEGER NOT NULL, detail TEXT, payload TEXT,
  UNIQUE (tenant, command_id)
) STRICT;
CREATE TABLE ended_jobs (
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  command_id TEXT NOT NULL,
  type TEXT NOT NULL,
  queue TEXT NOT NULL,
  priority INTEGER NOT NULL,
  key TEXT,
  unique_key TEXT,
  attempts_max INTEGER NOT NULL,
  state TEXT NOT NULL,
  no INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  expires_at INTEGER,
  worker TEXT,
  started_at INTEGER,
  ended_at INTEGER,
  is_cancel_asked INTEGER NOT NULL,
  story TEXT,
  PRIMARY KEY (commit_no, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  aggregate_type TEXT NOT NULL,
  aggregate_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  data TEXT NOT NULL,
  UNIQUE (tenant, aggregate_type, aggregate_id, version)
) STRICT;
CREATE TABLE held_messages (
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  is_dead INTEGER NOT NULL,
  is_first INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  last_attempt_at INTEGER,
  last_error TEXT,
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  PRIMARY KEY (commit_no, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency (
  tenant TEXT NOT NULL,
  sender TEXT NOT NULL,
  command_type TEXT NOT NULL,
  key TEXT NOT NULL,
  commit_no INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  PRIMARY KEY (tenant, sender, command_type, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE job_cursor (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  no INTEGER NOT NULL,
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  opened_by TEXT NOT NULL
) STRICT;
CREATE TABLE job_starts (
  queue TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  count INTEGER NOT NULL
) STRICT;
CREATE TABLE job_workers (
  worker TEXT PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE jobs (
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL, terms TEXT,
  PRIMARY KEY (commit_no, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE log (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  incarnation TEXT NOT NULL,
  secret TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT;
CREATE TABLE open_jobs (
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  command_id TEXT NOT NULL,
  type TEXT NOT NULL,
  queue TEXT NOT NULL,
  priority INTEGER NOT NULL,
  key TEXT,
  unique_key TEXT,
  attempts_max INTEGER NOT NULL,
  state TEXT NOT NULL,
  no INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  expires_at INTEGER,
  worker TEXT,
  started_at INTEGER,
  ended_at INTEGER,
  is_cancel_asked INTEGER NOT NULL,
  story TEXT,
  PRIMARY KEY (commit_no, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (commit_no, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox_cursor (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  commit_no INTEGER NOT NULL,
  fencing_token INTEGER NOT NULL
) STRICT;
CREATE TABLE paused_queues (
  queue TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_log_action ON audit_log (action, tenant, sequence);
CREATE INDEX audit_log_actor ON audit_log (actor, tenant, sequence);
CREATE UNIQUE INDEX audit_log_chain ON audit_log (tenant, sequence);
CREATE INDEX audit_log_resource ON audit_log (resource, tenant, sequence);
CREATE INDEX audit_log_time ON audit_log (tenant, recorded_at);
CREATE INDEX commits_by_correlation ON commits (correlation_id) WHERE correlation_id IS NOT NULL;
CREATE INDEX commits_purged ON commits (tenant) WHERE detail = '';
CREATE INDEX ended_jobs_state ON ended_jobs (state, ended_at);
CREATE INDEX ended_jobs_unique ON ended_jobs (tenant, unique_key, state, enqueued_at) WHERE unique_key IS NOT NULL;
CREATE INDEX held_messages_due ON held_messages (due_at, commit_no, idx) WHERE is_first = 1;
CREATE INDEX held_messages_waiting ON held_messages (tenant, key, commit_no, idx) WHERE is_dead = 0;
CREATE INDEX idempotency_by_commit ON idempotency (commit_no);
CREATE INDEX job_starts_queue ON job_starts (queue, started_at);
CREATE INDEX open_jobs_cancelled ON open_jobs (worker) WHERE is_cancel_asked = 1;
CREATE INDEX open_jobs_expiring ON open_jobs (expires_at) WHERE expires_at IS NOT NULL AND state <> 'running';
CREATE INDEX open_jobs_keys ON open_jobs (queue, priority, tenant, key, no) WHERE state = 'pending' AND key IS NOT NULL;
CREATE INDEX open_jobs_ready ON open_jobs (queue, priority, no, type, tenant, key, expires_at) WHERE state = 'pending';
CREATE INDEX open_jobs_running ON open_jobs (queue, tenant, key, worker) WHERE state = 'running';
CREATE INDEX open_jobs_timed ON open_jobs (due_at) WHERE state IN ('scheduled', 'retry_scheduled', 'waiting');
CREATE INDEX open_jobs_unique ON open_jobs (tenant, unique_key, state, enqueued_at) WHERE unique_key IS NOT NULL;
-- applied: log 1 log 3dee231908908c415368bac895aa16e8df44ccdce2d47a78b98ed6a8cf5331eb
-- applied: log 2 command-detail 408eb8031b61ad5e0855ad21837fdb4efa62ceb7bf582d7777aab4247088a213
-- applied: log 3 audit-log 59e4c0169beebacda9284b4f4450c666f39e669214f43ec10fd3cee4205954cb
-- applied: log 4 job-terms 2caacff5da5971d36e63ff46532051de0268994d2f4e254a29fd250005df6fd6
-- applied: jobs 1 jobs f821858333bb8d308bb411d71705bf504c50173abcd2d396e07c808ef3abd8af
-- applied: outbox 1 outbox 104c02b5769b33bba03324df302fae8f50c40390caaddb0c76e9e78848dae0bc
