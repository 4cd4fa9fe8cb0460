// @gesta/core/testing: for tests of applications and adapters. Nothing in production imports it.
export type { CrashPoint, CrashStep } from '../stores/crash-point.ts'
export { withCrashPoint as crashing } from '../stores/crash-point.ts'
