// The log and what is stored with it. Nothing here is updated when a commit is appended: rows are only added, in commit order.
// Names are compared byte by byte (COLLATE "C"), which is the order of code points, and the same after every upgrade of the system.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function log(s: string): Migration {
  const createLog = `CREATE TABLE ${s}.log (
  id integer PRIMARY KEY CHECK (id = 1),
  incarnation text NOT NULL,
  secret text NOT NULL,
  created_at bigint NOT NULL
)`

  /** The head lock: who appends locks this table, which stays empty. */
  const createHead = `CREATE TABLE ${s}.head ()`

  /** The command log: one row per command, whatever its outcome. version is the target's, after the command; position is the log's last one then. */
  const createCommits = `CREATE TABLE ${s}.commits (
  commit_no bigint PRIMARY KEY,
  position bigint NOT NULL,
  recorded_at bigint NOT NULL,
  version bigint,
  event_count integer NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  command_id text COLLATE "C" NOT NULL,
  command_type text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  correlation_id text COLLATE "C",
  fingerprint text,
  answer text,
  context text NOT NULL
)`
  /** In this order, so that a command is found without its tenant too. */
  const createCommandIndex = `CREATE UNIQUE INDEX commits_command ON ${s}.commits (command_id, ${s}.index_key(tenant))`
  const createCorrelationIndex = `CREATE INDEX commits_correlation ON ${s}.commits (correlation_id) WHERE correlation_id IS NOT NULL`
  /** A context for questions about it. What jsonb cannot hold, NUL and lone surrogates, is replaced: no name or id has it. */
  const createContextOf = `CREATE FUNCTION ${s}.context_of(context text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN context ~ '\\\\u(0000|[dD][89a-fA-F])'
    THEN regexp_replace(context, '\\\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\\\ufffd', 'g')::jsonb ELSE context::jsonb END`

  /** data is exact JSON text. Context and time live once, with the commit. */
  const createEvents = `CREATE TABLE ${s}.events (
  position bigint PRIMARY KEY,
  commit_no bigint NOT NULL,
  version bigint NOT NULL,
  idx integer NOT NULL,
  schema_version bigint NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  aggregate_type text COLLATE "C" NOT NULL,
  aggregate_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  data text NOT NULL
)`
  const createStreamIndex = `CREATE UNIQUE INDEX events_stream
  ON ${s}.events (${s}.index_key(tenant), aggregate_type, ${s}.index_key(aggregate_id), version)`

  const createIdempotency = `CREATE TABLE ${s}.idempotency (
  commit_no bigint NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  sender text COLLATE "C" NOT NULL,
  command_type text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  fingerprint text NOT NULL
)`
  const createIdempotencyIndex = `CREATE UNIQUE INDEX idempotency_key
  ON ${s}.idempotency (${s}.index_key(tenant), ${s}.index_key(sender), command_type, ${s}.index_key(key))`

  const createOutbox = `CREATE TABLE ${s}.outbox (
  commit_no bigint NOT NULL,
  idx integer NOT NULL,
  schema_version bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  data text NOT NULL,
  PRIMARY KEY (commit_no, idx)
)`
  const createJobs = `CREATE TABLE ${s}.jobs (
  commit_no bigint NOT NULL,
  idx integer NOT NULL,
  type text COLLATE "C" NOT NULL,
  data text NOT NULL,
  PRIMARY KEY (commit_no, idx)
)`
  const createAudit = `CREATE TABLE ${s}.audit (
  commit_no bigint NOT NULL,
  idx integer NOT NULL,
  action text COLLATE "C" NOT NULL,
  data text NOT NULL,
  PRIMARY KEY (commit_no, idx)
)`

  return {
    number: 1,
    name: 'log',
    statements: [
      createLog,
      createHead,
      ...createIndexKey(s),
      createCommits,
      createCommandIndex,
      createCorrelationIndex,
      createContextOf,
      createEvents,
      createStreamIndex,
      createIdempotency,
      createIdempotencyIndex,
      createOutbox,
      createJobs,
      createAudit,
    ],
  }
}

/**
 * A row of an index has at most 2,704 bytes, and a key may have 1,536. What is longer than most is indexed by its digest, behind
 * so many stars that no key which is indexed as it is can be equal to it.
 */
export function createIndexKey(s: string): readonly string[] {
  return [
    `CREATE FUNCTION ${s}.long_key(key text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN repeat('*', 241) || encode(sha256(convert_to(key, 'UTF8')), 'hex')`,
    `CREATE FUNCTION ${s}.index_key(key text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN octet_length(key) <= 240 THEN key ELSE ${s}.long_key(key) END`,
  ]
}
