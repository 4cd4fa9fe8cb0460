// @gesta/core/ports: for authors of adapters. What a store implements, and what all stores share.
export { codes } from './errors/codes.ts'
export type { ErrorCode } from './errors/codes.ts'
export { findGestaError, GestaError, isGestaError } from './errors/gesta-error.ts'
export type { ErrorFacts } from './errors/gesta-error.ts'
export { redactError } from './errors/redact-error.ts'
export { checkOptions, closest } from './schema/options.ts'
export { checkKey, keyLengthMax } from './codec/key-text.ts'
export { payloadBytesMax } from './codec/json.ts'
export { backoffMs } from './time/backoff.ts'
export type { Backoff } from './time/backoff.ts'
export type { Clock, Timer } from './time/clock.ts'
export { onAbort } from './time/on-abort.ts'
export { pause, unlessAborted } from './time/unless-aborted.ts'
export type { Ids } from './ids/ids.ts'
export { createBatchTurns } from './registry/batch-turns.ts'
export type { BatchSupply, BatchTurns, TakenBatch } from './registry/batch-turns.ts'
export type { Broker, EventBatch, EventSource, Outbox, Subscription, TopicBus } from './registry/delivery-ports.ts'
export type { Envelope, EnvelopeDraft } from './registry/envelope.ts'
export { decodeEnvelope, encodeEnvelope, envelopeFrom } from './registry/envelope-text.ts'
export type { TransportFacts } from './registry/envelope-text.ts'
export type { CloudMessage } from './registry/cloud-event.ts'
export { decodeWire, encodeWire, wireFormats } from './registry/wire.ts'
export type { WireFormat } from './registry/wire.ts'
export type { RunContext } from './registry/run-context.ts'
export type { Backend, BackendRuntime, OpenBackend } from './stores/backend.ts'
export { crashPointOf, createCrash, endProcess } from './stores/crash-point.ts'
export type { CrashPoint, CrashStep } from './stores/crash-point.ts'
export { eventCount, isHeaderOf } from './stores/commit.ts'
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
export {
  askAuditPage,
  auditPageDefault,
  checkAuditFilter,
  checkedLimit,
  limitOfAudit,
} from './stores/audit/check-audit.ts'
export { chainHash, chainStart } from './stores/audit/chain.ts'
export type { AuditFilter, AuditHead, AuditLog, ReadAudit, StoredAuditEntry } from './stores/audit/audit-log.ts'
export type { AuditOutcome } from './stores/audit/audit-entry.ts'
export { askPage, pageLimit, pageOf, pageOffset } from './stores/page.ts'
export type { AskedPage } from './stores/page.ts'
export type { CursorKey, CursorShape, ListQuestion } from './stores/cursor.ts'
export { askCommandPage, askEventPage } from './stores/ask-log.ts'
export type { Page, PageRequest, Store, StoreInfo } from './stores/store.ts'
export { checkJsonText, checkTenant, checkWhole } from './stores/check-text.ts'
export { afterPrefix } from './stores/prefix.ts'
export { compareText } from './stores/read-model/row-order.ts'
export type { SingleStore } from './stores/single-store.ts'
export { askObjects, checkNewObject, checkObjectKey } from './stores/data/check-object.ts'
export { objectBytesMax } from './stores/data/data-store.ts'
export type {
  DataStore,
  DataUsage,
  NewObject,
  ObjectFilter,
  ObjectHead,
  ObjectKey,
  StoredObject,
} from './stores/data/data-store.ts'
export { askEntries, checkCacheEntry, checkCacheKey } from './stores/cache/check-entry.ts'
export type { CacheEntry, CacheKey, CacheOptions, CachePageRequest, CacheStore } from './stores/cache/cache-store.ts'
export {
  askLines,
  checkLogEntries,
  checkLogFilter,
  checkRetention,
  levelRank,
  tooOldBefore,
} from './stores/log/check-lines.ts'
export { logLevels } from './stores/log/log-store.ts'
export type { LogEntry, LogFilter, LogLevel, LogStore, NewLogEntry } from './stores/log/log-store.ts'
export { checkSnapshot, checkSnapshotKey } from './stores/snapshot/check-snapshot.ts'
export type { Snapshot, SnapshotKey, SnapshotStore } from './stores/snapshot/snapshot-store.ts'
export { checkHeldLease, checkLeaseDuration } from './stores/lease/check-lease.ts'
export type { HeldLease, Lease, LeaseStore } from './stores/lease/lease-store.ts'
export {
  checkKeyFilter,
  checkLedger,
  checkScope,
  checkShredding,
  checkWrappedKey,
} from './stores/key/check-key-store.ts'
export type { KeyFilter, KeyScope, KeyStore, ShredEntry, WrappedKey } from './stores/key/key-store.ts'
export { checkCredentialFilter, checkCredentialKey, checkNewCredential } from './stores/credential/check-credential.ts'
export type {
  CredentialFilter,
  CredentialKey,
  CredentialStore,
  StoredCredential,
} from './stores/credential/credential-store.ts'
export { decodeDetail, encodeDetail, recordOf, redactedDetail } from './stores/command-log/command-detail.ts'
export { checkCommandFilter, commandMatcher, purgeOf } from './stores/command-log/command-filter.ts'
export type { Purge } from './stores/command-log/command-filter.ts'
export type { CommandFilter, CommandLog, PurgeRequest } from './stores/command-log/command-log.ts'
export type { CommandLogBackend, CommandLogStore } from './stores/command-log/command-log-store.ts'
export { recordLimits } from './stores/command-log/command-record.ts'
export type {
  CommandDetail,
  CommandRecord,
  CommandStatus,
  RecordedError,
  RecordedPermission,
  RecordedPlace,
  Truncated,
} from './stores/command-log/command-record.ts'
export { checkRecord, checkRecords } from './stores/command-log/check-record.ts'
export { jsonRecords } from './stores/command-log/record-codec.ts'
export type { RecordCodec } from './stores/command-log/record-codec.ts'
export { checkSeen, checkSubscription } from './stores/seen/check-seen.ts'
export { seenIdsMaxDefault } from './stores/seen/seen-store.ts'
export type { SeenStore } from './stores/seen/seen-store.ts'
export { refuseChanges } from './stores/read-only.ts'
export { rewritingRefused, storeReadOnly } from './stores/refused-change.ts'
export { contextOf, correlationIdOf } from './stores/stored-context.ts'
export { checkCommit } from './stores/event/check-commit.ts'
export { checkCommandKey, checkIdempotencyScope, checkStreamKey, checkTails } from './stores/event/check-read.ts'
export { checkRewrite } from './stores/event/check-rewrite.ts'
export { createCommitQueue, storeClosed } from './stores/event/commit-queue.ts'
export type { CommitQueue, CommitQueueOptions } from './stores/event/commit-queue.ts'
export { checkEventFilter, checkEventKey, checkEventValues } from './stores/event/event-filter.ts'
export { deletedEventType } from './stores/event/event-store.ts'
export { createReadAhead } from './stores/event/read-ahead.ts'
export type { ReadAhead } from './stores/event/read-ahead.ts'
export type {
  AppendListener,
  CommitOptions,
  EventField,
  EventFilter,
  EventKey,
  EventRewrite,
  EventStore,
  IdempotencyScope,
  LogIdentity,
  ReadAll,
  ReadStream,
  ReadTails,
  StoredCommit,
  StoredEvent,
  TenantStream,
  ValuesPage,
} from './stores/event/event-store.ts'
export { conflictOf, meets } from './stores/event/expectation.ts'
export { newLogIdentity } from './stores/event/log-identity.ts'
export { jobId, emptyStory } from './stores/job/job.ts'
export type {
  ClaimedJob,
  JobFailure,
  JobLine,
  JobPlace,
  JobProgress,
  JobRow,
  JobStory,
  JobTerms,
  JobUniqueness,
} from './stores/job/job.ts'
export {
  isTimed,
  isUnfinished,
  jobStates,
  jobTransitions,
  mayFollow,
  timedStates,
  unfinishedStates,
} from './stores/job/job-state.ts'
export type { JobState } from './stores/job/job-state.ts'
export { decodeTerms, encodeTerms } from './stores/job/job-terms.ts'
export { checkQueue } from './contracts/check-job-options.ts'
export {
  askJobs,
  checkExchange,
  checkJobChange,
  checkJobFilter,
  checkJobPlaces,
  checkJobPrune,
} from './stores/job/check-jobs.ts'
export { changeable, changedJob } from './stores/job/end-run.ts'
export { limitKey, stillRunning } from './stores/job/claim.ts'
export { arrivingMax, placeKey, planArrivals, planExchange } from './stores/job/plan-exchange.ts'
export type { JobPlan } from './stores/job/plan-exchange.ts'
export type { JobChanges, JobView } from './stores/job/job-view.ts'
export { takenIn } from './stores/job/take-in.ts'
export type { ArrivingJob, JobRival } from './stores/job/take-in.ts'
export type {
  JobAction,
  JobChange,
  JobEnd,
  JobEnding,
  JobExchange,
  JobExchanged,
  JobFilter,
  JobReport,
  JobRun,
  JobStore,
  QueueState,
  QueueWish,
} from './stores/job/job-store.ts'
export { changeFound, changePlaces } from './stores/outbox/change-in-steps.ts'
export {
  askHeld,
  checkCommitNo,
  checkHeldFilter,
  checkMessageLimit,
  checkPlaces,
  checkResend,
  checkSettlement,
  checkTimeUs,
  outboxPageBytesMax,
} from './stores/outbox/check-outbox.ts'
export type {
  HeldFacts,
  HeldFilter,
  HeldMessage,
  HeldState,
  MessagePlace,
  OutboxMessage,
  OutboxStore,
  Settlement,
} from './stores/outbox/outbox-store.ts'
export { checkFlush } from './stores/read-model/check-flush.ts'
export { checkClaim, checkParkedFilter, checkParkedRequest } from './stores/read-model/check-parked.ts'
export { checkFilter, checkRange, checkScan } from './stores/read-model/check-question.ts'
export { noPlan } from './stores/read-model/view-plan.ts'
export type { Generation, ViewPlan } from './stores/read-model/view-plan.ts'
export { viewRemoved } from './stores/read-model/view-removed.ts'
export { discardedMax } from './stores/read-model/parked-event.ts'
export type { ReadModelBackend } from './stores/read-model/read-model-backend.ts'
export type { ParkedEvent, ParkedFilter, ParkedRequest } from './stores/read-model/parked-event.ts'
export type { OwnTables, SqlStatement, SqlValue, TableName } from './stores/read-model/own-tables.ts'
export type {
  Checkpoint,
  Flush,
  KeyedRow,
  ReadModelStore,
  RowFilter,
  RowKey,
  RowPath,
  RowRange,
  RowWrite,
  View,
  ViewName,
} from './stores/read-model/read-model-store.ts'
export { migrationFailed } from './migrations/migration-failed.ts'
export { migrationSteps } from './migrations/migration-steps.ts'
export { planMigrations } from './migrations/plan.ts'
export { dryRunMigrations, migrationStatus, runMigrations } from './migrations/run-migrations.ts'
export type { MigrationRuntime, RunMigrationsOptions } from './migrations/run-migrations.ts'
export type { AppliedMigration, Migration, MigrationModule, MigrationStep } from './migrations/migration.ts'
export type { LockAttempt, MigrationSession, MigrationTarget } from './migrations/migration-target.ts'
export type { DriftedMigration, MigrationStatus } from './migrations/status.ts'
