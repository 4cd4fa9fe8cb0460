// @gesta/core/registry: contracts, handlers and roles, without a store; and what carries events between processes.
export {
  createFanout,
  createMemoryTopicBus,
  runEventRelay,
  runEventWorker,
  runEventWorkerForRole,
  shareFanout,
} from './app/delivery.ts'
export type { MemoryTopicBusOptions } from './app/delivery.ts'
export { registryBus } from './command-log/command-bus.ts'
export type { RegistryBus, RegistryBusOptions } from './command-log/command-bus.ts'
export type { BatchFailure, LoopOptions } from './delivery/batch-loop.ts'
export type { EventRelayOptions } from './delivery/event-relay.ts'
export type { EventWorkerOptions } from './delivery/event-worker.ts'
export type { FanoutViewer } from './delivery/fanout-audience.ts'
export type { FanoutClientOptions, FanoutCounters, FanoutHub } from './delivery/fanout-hub.ts'
export type { FanoutOptions } from './delivery/fanout-options.ts'
export type { SharedFanout, SharedFanoutOptions } from './delivery/fanout-sharing.ts'
export { createMemoryBroker } from './delivery/memory-broker.ts'
export type { MemoryBroker, MemoryBrokerOptions } from './delivery/memory-broker.ts'
export { topicSource } from './delivery/topic-source.ts'
export type { TopicBusDescription, TopicSource } from './delivery/topic-source.ts'
export { compositeSink, inProcessSink } from './registry/command-event-sink.ts'
export type { CommandEventSink, SinkContext } from './registry/command-event-sink.ts'
export { ContractError, findContractError, isContractError } from './registry/contract-error.ts'
export type { ContractErrorKind } from './registry/contract-error.ts'
export type {
  Broker,
  EventBatch,
  EventSource,
  Fanout,
  Outbox,
  Subscription,
  TopicBus,
} from './registry/delivery-ports.ts'
export {
  brokerSink,
  fanoutSink,
  outboxSink,
  publishEventsToBroker,
  sendPresentationEventsToFanout,
} from './registry/destination-sinks.ts'
export type { SendOptions } from './registry/destination-sinks.ts'
export type { Envelope, EnvelopeDraft } from './registry/envelope.ts'
export { captureCommandEvents, executeCommand } from './registry/execute-command.ts'
export type { CapturedAnswer } from './registry/execute-command.ts'
export { executeJob, executeQuery } from './registry/execute.ts'
export type { RunOptions } from './registry/execute.ts'
export {
  captureCommandEventsForRole,
  executeCommandForRole,
  executeJobForRole,
  executeQueryForRole,
  publishDomainForRole,
  publishEnvelopeForRole,
  publishEnvelopesForRole,
  publishIntegrationForRole,
  publishPresentationForRole,
} from './registry/for-role.ts'
export type { Metadata } from './registry/metadata.ts'
export { dispatchCommandEvents, publishEnvelope, publishEnvelopes } from './registry/publish-envelopes.ts'
export { publishDomain, publishIntegration, publishPresentation } from './registry/publish.ts'
export type { PublishPresentationOptions } from './registry/publish.ts'
export { emitDomain, emitIntegration, emitPresentation } from './registry/recorder.ts'
export type { EmitPresentationOptions, Recorder } from './registry/recorder.ts'
export {
  registerCommand,
  registerDomainEvent,
  registerIntegrationEvent,
  registerJob,
  registerPresentationEvent,
  registerQuery,
} from './registry/register.ts'
export type { RegisterCommandOptions, RegisterOptions } from './registry/register.ts'
export { createRegistry } from './registry/registry.ts'
export type { Registry, RegistryOptions } from './registry/registry.ts'
export type { AllowedRole } from './registry/roles.ts'
export type { CommandOptions } from './registry/run-command.ts'
export type { RunContext, SubscriberContext } from './registry/run-context.ts'
export {
  executeCommandToBroker,
  executeCommandToBrokerForRole,
  executeCommandToOutbox,
  executeCommandToOutboxForRole,
  executeCommandToPresentationFanout,
  executeCommandToPresentationFanoutForRole,
} from './registry/to-destination.ts'
export { createObservation, observation, observationForRole, observationLabels } from './observation/observation.ts'
export type {
  Observation,
  ObservationLabels,
  Observe,
  ObservedContract,
  ObservedEvent,
} from './observation/observation.ts'
export { observationNames } from './observation/observation-names.ts'
export type { ObservationName } from './observation/observation-names.ts'
export { createMemorySeenStore } from './stores/seen/memory-seen-store.ts'
export type { MemorySeenOptions } from './stores/seen/memory-seen-store.ts'
export type { SeenStore } from './stores/seen/seen-store.ts'
