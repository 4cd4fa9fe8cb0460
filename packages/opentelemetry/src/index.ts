// @gesta/opentelemetry: what an app does, as spans of the telemetry that its process has.
export { openTelemetry } from './open-telemetry.ts'
export type { OpenTelemetryOptions } from './open-telemetry.ts'
