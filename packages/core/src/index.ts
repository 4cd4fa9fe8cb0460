// The public API for people who write applications.
export { command, event, integrationEvent, job, presentationEvent, query } from './contracts/define.ts'
export { aggregate } from './aggregates/aggregate.ts'
export { readModel } from './read-models/read-model.ts'
export { projection } from './read-models/projection.ts'
export { subscriber } from './pump/subscriber.ts'
export { processManager } from './process-managers/process-manager.ts'
export { later } from './process-managers/sendable.ts'
export { cron } from './queue/cron.ts'
export type { Cron, CronOptions, CronTick } from './queue/cron.ts'
export type { AppCrons, CronCaller, CronRunNow, CronStatus } from './app/crons.ts'
export { handle } from './dispatch/handler.ts'
export { systemContext, systemTenant } from './request-context/system-context.ts'
export { deny } from './permissions/permission.ts'
export { allOf, anyOf } from './permissions/compose.ts'
export { isPermissionDenied } from './permissions/denial.ts'
export type { DenialFacts, PermissionDenied } from './permissions/denial.ts'
export { plainDirectory } from './permissions/plain-directory.ts'
export type { PlainDirectory, PlainIdentity, PlainTenant } from './permissions/plain-directory.ts'
export { findPermission } from './app/find-permission.ts'
export { domain } from './app/domain.ts'
export { cacheKey } from './cache/cache-key.ts'
export { createApp } from './app/app.ts'
export { configDomain, followConfig } from './app/config-domain.ts'
export type { FollowConfigOptions } from './app/config-domain.ts'
export { openConfig } from './app/open-config.ts'
export {
  ConfigFollowed,
  ConfigProcessLeft,
  ConfigReloadFailed,
  ConfigSet,
  ListConfigProcesses,
  ReadConfigHistory,
  RollbackConfig,
  SetConfig,
  ShowConfig,
} from './config/config-contracts.ts'
export type {
  ConfigHistory,
  ConfigProcess,
  ConfigProcesses,
  ConfigVersion,
  SetConfigInput,
  ShownConfig,
} from './config/config-contracts.ts'
export { defineConfig } from './config/definition.ts'
export type { ConfigDefinition, ConfigKeyOptions, ConfigShape, ConfigValues } from './config/definition.ts'
export type {
  Config,
  ConfigChange,
  ConfigOptions,
  ConfigReload,
  ConfigStatus,
  ConfigStep,
  ConfigSubscriber,
  ShownKey,
} from './config/config.ts'
export type {
  ConfigLayer,
  ConfigOrigin,
  ConfigSource,
  ConfigSourceKind,
  SecretProvider,
} from './config/config-source.ts'
export type { ConfigKey } from './config/keys.ts'
export type { ConfigProblem } from './config/problems.ts'
export { Secret } from './config/secret.ts'
export { runtimeContracts, storeContracts } from './app/runtime-contracts.ts'
export { runtimeDomain } from './app/runtime-domain.ts'
export type { RuntimeDomainOptions } from './app/runtime-domain.ts'
export { registerStorePermissions } from './app/store-permissions.ts'
export type { StoreDomains } from './app/store-permissions.ts'
export { forkLog } from './app/fork-log.ts'
export { logDestination } from './app/log-destination.ts'
export { memory } from './stores/memory-backend.ts'
export type { MemoryOptions } from './stores/memory-backend.ts'
export { memoryCommandLog } from './stores/command-log/memory-command-log-store.ts'
export type { MemoryCommandLogOptions } from './stores/command-log/memory-command-log-store.ts'
export { abandonStarted, openCommandLog, withCommandLog } from './app/with-command-log.ts'
export type { AbandonStartedOptions } from './command-log/abandon-started.ts'
export type { BufferCounts, LostBecause } from './command-log/buffer.ts'
export type { RecordedOutcome, SentCommand, WithCommandLogOptions } from './command-log/bus-options.ts'
export type { BusCommand, CommandBus } from './command-log/command-bus.ts'
export type { LoggedBus } from './command-log/with-command-log.ts'
export type { CommandLogBackend, CommandLogStore } from './stores/command-log/command-log-store.ts'
export { memoryViews } from './stores/read-model/memory-views.ts'
export { readOnly } from './stores/read-only.ts'
export { GestaError, isGestaError } from './errors/gesta-error.ts'
export type { TracedOperation, Tracing } from './observation/tracing.ts'
export type { ErrorCode } from './errors/codes.ts'
export type { ErrorFacts } from './errors/gesta-error.ts'
export type { Violation } from './schema/parse.ts'
export type { Issue, Json, JsonValue, MustBeJson, MustBeStorable, Schema, Validation } from './schema/schema.ts'
export type {
  Accepted,
  Answer,
  Category,
  Command,
  ContractType,
  Event,
  Job,
  Kind,
  Outgoing,
  Query,
  Rejected,
  RejectedBy,
  Role,
} from './contracts/messages.ts'
export type {
  AnyContract,
  AnyEvent,
  CommandContract,
  DataOf,
  DomainEventContract,
  EventContract,
  Handler,
  InputOf,
  JobContract,
  MessageOf,
  QueryContract,
  ReadOf,
} from './contracts/contract.ts'
export type { Position, RecordedEvent, Token } from './contracts/recorded-event.ts'
export type { RequestContext } from './request-context/request-context.ts'
export type { Aggregate, AggregateOptions, Decision, EventsOf, Facts, StateOf } from './aggregates/aggregate.ts'
export type { ReadModel, Readable, RowRangeOptions, Rows } from './read-models/read-model.ts'
export type { ReadModelOptions, Restoring } from './read-models/read-model-options.ts'
export type { OwnWriter } from './read-models/read-model-parts.ts'
export type { OwnTables, SqlStatement, SqlValue, TableName } from './stores/read-model/own-tables.ts'
export type { ReadModelBackend } from './stores/read-model/read-model-backend.ts'
export type {
  Model,
  ModelListOptions,
  ModelOf,
  Models,
  ModelWithHistory,
  Projection,
} from './read-models/projection.ts'
export type { HistoryAsked, HistoryItem, HistoryOptions, HistoryPage } from './read-models/history.ts'
export type { AggregateHistory, WithHistory } from './dispatch/history.ts'
export type { EventContext, Subscriber, SubscriberOptions } from './pump/subscriber.ts'
export type { SubscriberState, SubscriberStatus } from './pump/subscriber-status.ts'
export type {
  ProcessManager,
  ProcessManagerOptions,
  SentFailed,
  SentRefused,
  Step,
} from './process-managers/process-manager.ts'
export type { Later, Sendable } from './process-managers/sendable.ts'
export type { ParkedEvent } from './process-managers/process.ts'
export type { AppProcessManagers, ProcessName, ProcessStatus } from './app/parked-processes.ts'
export type { UntoldFailure } from './app/process-failures.ts'
export type { Envelope } from './registry/envelope.ts'
export type {
  CommandContext,
  HandlerContext,
  HandlerOptions,
  JobAnswer,
  JobContext,
  Loaded,
  Outcome,
  QueryContext,
} from './dispatch/handler.ts'
export type { JobBackoff, JobOptions, JobSettings, JobUnique, UniqueState } from './contracts/job-options.ts'
export type { DispatchOptions, QueryOptions, SentOptions } from './dispatch/options.ts'
export { administratorsGroup } from './permissions/directory.ts'
export type { Directory, DirectoryGroup, DirectoryIdentity, Look, SessionOf, Who } from './permissions/directory.ts'
export type { AppPermissions, DecisionStep, Explanation } from './permissions/app-permissions.ts'
export type { CustomPermission, PermissionEntry, PermissionKind } from './permissions/permission-entry.ts'
export type { PermissionOptions } from './permissions/options.ts'
export type { AppCache, CacheGetOptions } from './app/caching.ts'
export type { CacheState } from './cache/cache.ts'
export type { CachingOptions } from './cache/options.ts'
export { CacheInvalidated } from './contracts/cache-invalidated.ts'
export type { TaggedEvent } from './dispatch/cache-tags.ts'
export type { CachedKey, CachedOptions, HandlerCache, HandlerLoading, Loading } from './dispatch/caching.ts'
export { PermissionsChanged } from './contracts/permissions-changed.ts'
export type { Epoch } from './contracts/permissions-changed.ts'
export { auditDomain } from './app/audit-domain.ts'
export { verifyAuditLog } from './audit/verify.ts'
export type { VerifyOptions } from './audit/verify.ts'
export type {
  AppAudit,
  AuditBreak,
  AuditCheckpoint,
  AuditExportPage,
  AuditFormat,
  AuditMetadata,
  AuditStatus,
  AuditVerification,
  VerifyRequest,
} from './audit/app-audit.ts'
export type { AuditOptions } from './audit/options.ts'
export type { AuditNote } from './dispatch/auditing.ts'
export type { AuditEntry, AuditFacts, AuditOutcome } from './stores/audit/audit-entry.ts'
export type { AuditFilter, AuditHead, AuditLog, StoredAuditEntry } from './stores/audit/audit-log.ts'
export type { Caller, Check, Denied, Level, Permission, PermissionTable } from './permissions/permission.ts'
export type { RuntimeContract } from './runtime-domain/contracts.ts'
export type { RateLimitOptions } from './runtime-domain/rate-limit.ts'
export type { StreamLimitOptions } from './runtime-domain/stream-limits.ts'
export type { AnyDomain, Domain } from './app/domain.ts'
export type { DomainStart, DomainStop } from './app/domain-parts.ts'
export type { App } from './app/app.ts'
export { hostOf } from './app/running.ts'
export type { Asked, ExposedContract, Host, QueryAnswer, Running, UntypedMessage } from './app/running.ts'
export { replayErasures } from './app/replay-erasures.ts'
export type { EncryptionOptions } from './app/encryption.ts'
export type { AppStores } from './app/running.ts'
export type { StartOptions } from './app/start-options.ts'
export type { AppBroker } from './app/open-broker.ts'
export type { AppJobs, EnqueueOptions, JobDetail } from './app/jobs.ts'
export type { AppOperations } from './app/operations.ts'
export type { AppOutbox, OutboxInfo } from './app/outbox.ts'
export { operations } from './operations/operational-event.ts'
export type {
  OnOperation,
  OperationalEvent,
  OperationFacts,
  OperationName,
  OperationSeverity,
} from './operations/operational-event.ts'
export type { OperationsOptions } from './operations/options.ts'
export type { AppMetric, AppMetrics, AppMetricSample } from './operations/metric.ts'
export type { Enqueued } from './queue/enqueue.ts'
export type { JobsOptions, QueueOptions } from './queue/options.ts'
export type { JobWorkerState, JobWorkerStatus } from './queue/worker.ts'
export type { JobFailure, JobLine, JobPlace, JobProgress, JobRow, JobStory } from './stores/job/job.ts'
export type { JobState } from './stores/job/job-state.ts'
export type { JobAction, JobChange, JobFilter, QueueState } from './stores/job/job-store.ts'
export type { OutboxRelayStatus } from './delivery/outbox-relay.ts'
export type { OutboxOptions } from './delivery/outbox-relay-options.ts'
export type { HeldFilter, HeldMessage, HeldState, MessagePlace, OutboxMessage } from './stores/outbox/outbox-store.ts'
export type { AppSource, SourceStatus } from './app/source-workers.ts'
export { isErased } from './contracts/erased.ts'
export type { Erased } from './contracts/erased.ts'
export type { AsRead, PersonalFields, RevisedPersonal } from './contracts/personal.ts'
export { QueriesInvalidated } from './contracts/queries-invalidated.ts'
export type { QueriesInvalidatedData } from './contracts/queries-invalidated.ts'
export { SubjectErased } from './contracts/subject-erased.ts'
export type { SubjectErasedData } from './contracts/subject-erased.ts'
export type { Erasure, EraseRequest } from './erasure/erase.ts'
export type { EncryptionSecret } from './stores/key/wrapping.ts'
export type { Rotation } from './app/rotation.ts'
export type { Backend } from './stores/backend.ts'
export type { CacheEntry, CacheKey, CacheOptions, CachePageRequest, CacheStore } from './stores/cache/cache-store.ts'
export type { Credential, Credentials, NewCredential } from './stores/credential/credentials.ts'
export type { CredentialFilter, CredentialKey } from './stores/credential/credential-store.ts'
export type {
  DataStore,
  DataUsage,
  NewObject,
  ObjectFilter,
  ObjectHead,
  ObjectKey,
  StoredObject,
} from './stores/data/data-store.ts'
export type { LogDestination, LogDestinationOptions } from './stores/log/log-destination.ts'
export type { LogEntry, LogFilter, LogLevel, LogStore, NewLogEntry } from './stores/log/log-store.ts'
export type { SingleStore } from './stores/single-store.ts'
export type { Page, PageRequest, StoreInfo } from './stores/store.ts'
export type { AppCommandLog, ReissueRequest } from './command-log/app-command-log.ts'
export type { CommandLogOptions, CommandLogRetention, Dispatched } from './command-log/options.ts'
export type { IdempotencyOptions } from './app/retention.ts'
export type { CommandLogStatus, CopyStatus } from './command-log/command-log-status.ts'
export type {
  Trace,
  TracedCommand,
  TracedEvent,
  TracedJob,
  TracedMessage,
  TracedReadModel,
  TracedRecord,
  TraceOptions,
} from './command-log/trace.ts'
export type { CommandFilter, PurgeRequest } from './stores/command-log/command-log.ts'
export type { CommandRecord, CommandStatus } from './stores/command-log/command-record.ts'
