// @gesta/core/host: for authors of transports. A started app as HTTP and others serve it: untyped, by name.
export { hostOf, registerHost } from './app/running.ts'
export type { ExposedContract, Host, HostRuntime, QueryAnswer, UntypedMessage } from './app/running.ts'
export { systemRuntime } from './app/system.ts'
export type { ContractParts, RejectionOption } from './contracts/contract.ts'
export type { FanoutConnection, FanoutWriter } from './delivery/fanout-client.ts'
export type { FrameFormat, ResyncReason, StreamEnd } from './delivery/fanout-frames.ts'
export type { FanoutClientOptions, FanoutHub } from './delivery/fanout-hub.ts'
export { environmentName } from './config/keys.ts'
export { configProblemText } from './config/problems.ts'
export { codes } from './errors/codes.ts'
export type { ErrorCode } from './errors/codes.ts'
export { findGestaError, GestaError, isGestaError } from './errors/gesta-error.ts'
export type { AppMetric, AppMetrics, AppMetricSample } from './operations/metric.ts'
export type {
  ReadModelControl,
  ReadModels,
  ReadModelStatus,
  Restoration,
  Verification,
  VerifyOptions,
} from './pump/read-model-status.ts'
export { systemContext, systemTenant } from './request-context/system-context.ts'
export { runtimeRoutes } from './runtime-domain/runtime-routes.ts'
export type { RuntimeRoute } from './runtime-domain/runtime-routes.ts'
export type { RuntimeStream, ShownEvent, StreamOptions, StreamStatus } from './runtime-domain/introspection.ts'
export { jsonSchemaOf } from './schema/json-schema.ts'
export type { JsonSchema } from './schema/json-schema.ts'
export { checkOptions, closest } from './schema/options.ts'
