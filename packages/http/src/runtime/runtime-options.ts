// How streams of the runtime are kept: options of `serve` and `serveAdmin`, validated once.
import { checkOptions } from '@gesta/core/host'
import { wholeOption } from '../whole-option.ts'

/** Reference: docs/reference/runtime.md. */
export interface RuntimeOptions {
  /** Milliseconds after which the caller of an open stream is looked at again, from 10. Default 60,000. */
  readonly recheckMs?: number | undefined
  /** Milliseconds between two comments that keep a quiet stream in use, from 10. Default 15,000. */
  readonly heartbeatMs?: number | undefined
}
export interface RuntimeSettings {
  readonly recheckMs: number
  readonly heartbeatMs: number
}

/** Errors: plain ones. */
export function runtimeSettings(options: RuntimeOptions = {}, where: string): RuntimeSettings {
  checkOptions(options, ['recheckMs', 'heartbeatMs'], `${where}({ runtime })`)
  const whole = wholeOption(where)
  return {
    recheckMs: whole('runtime.recheckMs', options.recheckMs ?? 60_000, 10, 86_400_000),
    heartbeatMs: whole('runtime.heartbeatMs', options.heartbeatMs ?? 15_000, 10, 86_400_000),
  }
}
