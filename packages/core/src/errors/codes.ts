// Every error code and its meaning, in one place. docs/reference/errors.md lists the same codes with what to do;
// a test compares the two both ways.

export const codes = {
  // contracts and registry
  duplicate_handler: 'a second handler was registered for a command, query or job',
  missing_handler: 'no handler is registered for this contract',
  unsupported_handler: 'the kind or category of the contract does not fit the call',
  nil_handler: 'a handler, registry or destination is absent or no function',
  no_event_recorder: 'an event was emitted while no command handler was running',
  subscriber_failed: 'an event subscriber failed',
  role_not_allowed: 'this role may not run the contract',
  // a message on its way in
  invalid_input: 'the payload does not fit the schema of its contract',
  invalid_output: 'a handler made a result, rejection or event that does not fit its schema',
  permission_denied: 'the caller may not run the contract',
  permission_unknown: 'no permission of this name is registered',
  permissions_unavailable: 'nobody can say now what the caller may do, so nothing is allowed',
  rate_limited: 'the caller asks more often than is allowed',
  nested_dispatch: 'a handler dispatched a command while it ran',
  audit_key_missing: 'a checkpoint of the audit log is signed and checked with a key, and there is none',
  // a decision on its way into the store
  invalid_key: 'a tenant, id, key or name has text that cannot be stored',
  payload_too_large: 'a payload is over the limit of the store',
  version_mismatch: 'the aggregate is not at the version that the caller expected',
  conflict: 'other commands kept winning the race for the same streams',
  idempotency_conflict: 'the idempotency key was used before with another payload or in another workspace',
  idempotency_refused: 'this caller cannot use idempotency keys for the contract',
  command_conflict: 'the command id was used before for another command',
  command_settled: 'the command id was used before for an attempt that stored no decision',
  command_unknown: 'the command log has no command of this id',
  record_incomplete: 'the record of a command does not hold what it was asked for',
  data_gone: 'what was asked for was redacted or deleted, for good',
  deadline_exceeded: 'the deadline passed before the work was done',
  outcome_unknown: 'the store did not say whether the command was stored',
  event_unreadable: 'a stored event cannot be read by this version of the app',
  payload_unreadable: 'a sealed answer or object cannot be opened',
  key_unreadable: 'a key of the key store cannot be opened with the secrets that were given',
  // positions
  invalid_token: 'the text is no token of this log',
  invalid_cursor: 'the text is no cursor of this list',
  diverged: 'a token or checkpoint belongs to another history of the log, or lies beyond its end',
  // stores
  store_locked: 'another process has the store open for writing, or a transaction keeps it locked',
  store_foreign: 'the file or schema is no store of gesta, or it is damaged',
  store_newer: 'the store was written by a newer version of gesta or of the app',
  schema_drift: 'a migration that the store has is not the one of this version',
  migration_failed: 'a migration failed, and nothing of it was kept',
  migration_lock_timeout: 'another process kept the lock for migrations',
  store_full: 'no room is left on the disk of the store',
  store_read_only: 'the store cannot be written',
  store_unavailable: 'the store did not answer',
  store_closed: 'the store was closed',
  // delivery
  broker_unavailable: 'the broker did not take or give events',
  broker_closed: 'the broker was closed',
  nack_failed: 'a batch of events could neither be delivered nor given back',
  sequence_refused: 'a topic has events that come after this one, and does not know it',
  too_many_clients: 'a tenant or identity has as many streams of events open as it may have',
  // configuration
  config_invalid: 'the values of a configuration do not fit its definition',
  config_unreadable: 'a source of the configuration cannot be read',
  config_refused: 'a part of the program refused a change of the configuration',
  secret_unavailable: 'a secret of the configuration cannot be had',
  // read models and lifecycle
  read_model_failed: 'a read model stopped at an event that its handler could not take',
  read_model_restoring: 'a read model is being built for the first time, and has nothing to show yet',
  read_model_stopped: 'an operator stopped a read model before it had what was asked of it',
  read_model_degraded: 'an event of the row that was asked for waits for an operator',
  read_model_unknown: 'the app has no read model of this name',
  cron_unknown: 'the app has no cron of this name',
  not_restorable: 'what was to be restored cannot be restored',
  app_stopped: 'the app is stopping or was stopped',
  overloaded: 'as much is being done at once as is allowed',
} as const

/** The literal union of all error codes; reference: docs/reference/errors.md. */
export type ErrorCode = keyof typeof codes
