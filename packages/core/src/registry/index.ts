// @gesta/core/registry: contracts, handlers and roles, without a store.
export { compositeSink, inProcessSink } from './command-event-sink.ts'
export type { CommandEventSink, SinkContext } from './command-event-sink.ts'
export { ContractError, findContractError, isContractError } from './contract-error.ts'
export type { ContractErrorKind } from './contract-error.ts'
export type { Broker, EventBatch, EventSource, Fanout, Outbox } from './delivery-ports.ts'
export {
  brokerSink,
  fanoutSink,
  outboxSink,
  publishEventsToBroker,
  sendPresentationEventsToFanout,
} from './destination-sinks.ts'
export type { SendOptions } from './destination-sinks.ts'
export type { Envelope, EnvelopeDraft } from './envelope.ts'
export { captureCommandEvents, executeCommand } from './execute-command.ts'
export type { CapturedAnswer } from './execute-command.ts'
export { executeJob, executeQuery } from './execute.ts'
export type { RunOptions } from './execute.ts'
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
} from './for-role.ts'
export type { Metadata } from './metadata.ts'
export { dispatchCommandEvents, publishEnvelope, publishEnvelopes } from './publish-envelopes.ts'
export { publishDomain, publishIntegration, publishPresentation } from './publish.ts'
export type { PublishPresentationOptions } from './publish.ts'
export { emitDomain, emitIntegration, emitPresentation } from './recorder.ts'
export type { EmitPresentationOptions, Recorder } from './recorder.ts'
export {
  registerCommand,
  registerDomainEvent,
  registerIntegrationEvent,
  registerJob,
  registerPresentationEvent,
  registerQuery,
} from './register.ts'
export type { RegisterCommandOptions, RegisterOptions } from './register.ts'
export { createRegistry } from './registry.ts'
export type { Registry, RegistryOptions } from './registry.ts'
export type { AllowedRole } from './roles.ts'
export type { CommandOptions } from './run-command.ts'
export type { RunContext, SubscriberContext } from './run-context.ts'
export {
  executeCommandToBroker,
  executeCommandToBrokerForRole,
  executeCommandToOutbox,
  executeCommandToOutboxForRole,
  executeCommandToPresentationFanout,
  executeCommandToPresentationFanoutForRole,
} from './to-destination.ts'
export { createObservation, observation, observationForRole, observationLabels } from '../observation/observation.ts'
export type {
  Observation,
  ObservationLabels,
  Observe,
  ObservedContract,
  ObservedEvent,
} from '../observation/observation.ts'
export { observationNames } from '../observation/observation-names.ts'
export type { ObservationName } from '../observation/observation-names.ts'
