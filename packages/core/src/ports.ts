// @gesta/core/ports: for authors of adapters. What a store implements, and what all stores share.
export { codes } from './errors/codes.ts'
export type { ErrorCode } from './errors/codes.ts'
export { findGestaError, GestaError, isGestaError } from './errors/gesta-error.ts'
export type { ErrorFacts } from './errors/gesta-error.ts'
export { checkOptions, closest } from './schema/options.ts'
export { checkKey, keyLengthMax } from './codec/key-text.ts'
export { payloadBytesMax } from './codec/json.ts'
export { backoffMs } from './time/backoff.ts'
export type { Backoff } from './time/backoff.ts'
export type { Clock, Timer } from './time/clock.ts'
export type { Ids } from './ids/ids.ts'
export type { Backend, BackendRuntime, OpenBackend } from './stores/backend.ts'
export { eventCount } from './stores/commit.ts'
export type {
  AuditEntry,
  CommandHeader,
  Commit,
  CommitParts,
  Expectation,
  IdempotencyEntry,
  NewEvent,
  NewJob,
  OutcomeKind,
  OutgoingMessage,
  ReadCondition,
  Receipt,
  StoredHeader,
  StreamAppend,
  StreamName,
  Verdict,
} from './stores/commit.ts'
export { pageLimit, pageOffset } from './stores/page-limit.ts'
export { checkCommit } from './stores/event/check-commit.ts'
export { createCommitQueue, storeClosed } from './stores/event/commit-queue.ts'
export type { CommitQueue, CommitQueueOptions } from './stores/event/commit-queue.ts'
export type {
  AppendListener,
  CommitOptions,
  EventStore,
  IdempotencyScope,
  LogIdentity,
  ReadAll,
  ReadStream,
  StoredCommit,
  StoredEvent,
  TenantStream,
} from './stores/event/event-store.ts'
export { conflictOf, meets } from './stores/event/expectation.ts'
export { newLogIdentity } from './stores/event/log-identity.ts'
export { checkFlush } from './stores/read-model/check-flush.ts'
export { checkFilter, checkRange } from './stores/read-model/check-question.ts'
export type {
  Checkpoint,
  Flush,
  ReadModelStore,
  RowFilter,
  RowKey,
  RowPath,
  RowRange,
  RowWrite,
  View,
  ViewName,
} from './stores/read-model/read-model-store.ts'
