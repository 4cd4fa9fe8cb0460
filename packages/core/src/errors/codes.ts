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
  nested_dispatch: 'a handler dispatched a command while it ran',
  // a decision on its way into the store
  invalid_key: 'a tenant, aggregate id, command id or idempotency key has text that cannot be stored',
  payload_too_large: 'a payload is over the limit of the store',
  version_mismatch: 'the aggregate is not at the version that the caller expected',
  conflict: 'other commands kept winning the race for the same streams',
  idempotency_conflict: 'the idempotency key was used before with another payload',
  idempotency_refused: 'this caller cannot use idempotency keys for the contract',
  command_conflict: 'the command id was used before for another command',
  deadline_exceeded: 'the deadline passed before the work was done',
  outcome_unknown: 'the store did not say whether the command was stored',
  event_unreadable: 'a stored event cannot be read by this version of the app',
  // positions
  invalid_token: 'the text is no token of this log',
  diverged: 'a token or checkpoint belongs to another incarnation of the log, or lies beyond its end',
  // stores
  store_locked: 'another process has the store open for writing',
  store_foreign: 'the file is no store of gesta, or it is damaged',
  store_newer: 'the store was written by a newer version of gesta',
  store_full: 'no room is left on the disk of the store',
  store_read_only: 'the store cannot be written',
  store_unavailable: 'the store did not answer',
  store_closed: 'the store was closed',
  // read models and lifecycle
  read_model_failed: 'a read model stopped at an event that its handler could not take',
  app_stopped: 'the app is stopping or was stopped',
} as const

/** The literal union of all error codes; reference: docs/reference/errors.md. */
export type ErrorCode = keyof typeof codes
