// How a file of a configuration is followed.
import { checkOptions } from '@gesta/core/host'

export interface FileOptions {
  /** Whether the file may be absent, which is the same as an empty one. Default: no. */
  readonly optional?: boolean | undefined
  /** Milliseconds between two looks at the file, which notice what no watch tells, 100 to 3,600,000. Default 1,000. */
  readonly pollMs?: number | undefined
  /** Milliseconds for which a changed file must stay as it is before it is read: who writes it may not be done. 0 to 60,000. Default 100. */
  readonly settleMs?: number | undefined
}
export interface FileSettings {
  readonly optional: boolean
  readonly pollMs: number
  readonly settleMs: number
}
const fileOptionNames = ['optional', 'pollMs', 'settleMs'] as const

/** Errors: plain ones and a `RangeError`. */
export function fileSettings(options: FileOptions, where: string, more: readonly string[] = []): FileSettings {
  checkOptions(options, [...fileOptionNames, ...more], where)
  const { optional = false, pollMs = 1_000, settleMs = 100 } = options
  checkBounds('pollMs', pollMs, 100, 3_600_000, where)
  checkBounds('settleMs', settleMs, 0, 60_000, where)
  return { optional, pollMs, settleMs }
}

export function checkBounds(name: string, value: number, min: number, max: number, where: string): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`Expected ${name} of ${where} to be a whole number from ${min} to ${max}, received ${value}.`)
}
