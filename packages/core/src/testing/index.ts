// @gesta/core/testing: for tests of applications and adapters. Nothing in production imports it.
export type { CrashPoint, CrashStep } from '../stores/crash-point.ts'
export { withCrashPoint as crashing } from '../stores/crash-point.ts'
export { createFakeClock, fakeRuntime } from './fake-clock.ts'
export type { FakeClock } from './fake-clock.ts'
export { past, scenario } from './scenario.ts'
export type { Scenario, ScenarioOptions, Then } from './scenario.ts'
export type { Past } from './stage.ts'
