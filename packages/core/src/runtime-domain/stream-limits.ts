// How many runtime event streams a process keeps open, and how often it looks whether they still may be.
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'

export interface StreamLimitOptions {
  /** Streams of this process, 1 to 100,000; default 1,000. */
  readonly openMax?: number | undefined
  /** Streams of callers of one tenant; default 100. */
  readonly perTenantMax?: number | undefined
  /** Streams of one identity; default 10. */
  readonly perIdentityMax?: number | undefined
  /** Milliseconds after which the permission of an idle stream is looked at again, 100 to 3,600,000; default 5,000. */
  readonly recheckMs?: number | undefined
}
export interface StreamLimits {
  readonly openMax: number
  readonly perTenantMax: number
  readonly perIdentityMax: number
  readonly recheckMs: number
}
const names = ['openMax', 'perTenantMax', 'perIdentityMax', 'recheckMs'] as const

/** Errors: a plain one, or a `RangeError`. */
export function streamLimits(options: StreamLimitOptions = {}): StreamLimits {
  checkOptions(options, names, 'stream of runtimeDomain()')
  const { openMax = 1_000, perTenantMax = 100, perIdentityMax = 10, recheckMs = 5_000 } = options
  for (const [name, value] of Object.entries({ openMax, perTenantMax, perIdentityMax }))
    checkWhole(value, `option stream.${name}`, 1, 100_000)
  checkWhole(recheckMs, 'option stream.recheckMs', 100, 3_600_000)
  return { openMax, perTenantMax, perIdentityMax, recheckMs }
}
