// How an app is watched: how often it is looked at, and from when on something is worth telling.
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'

export interface OperationsOptions {
  /** Milliseconds between two looks where `onOperation` is given, 100 to 3,600,000; `Infinity`: only when asked. Default 10,000. */
  readonly everyMs?: number | undefined
  /** Milliseconds that a view may be behind the log, from 0. Default 30,000. */
  readonly readModelLagMaxMs?: number | undefined
  /** Events that a subscriber may be behind the log, from 0. Default 10,000. */
  readonly subscriberLagMax?: number | undefined
  /** Milliseconds that a message may wait in the outbox, from 0. Default 60,000. */
  readonly outboxAgeMaxMs?: number | undefined
  /** Milliseconds that a job may wait for its run once it is due, from 0. Default 60,000. */
  readonly jobAgeMaxMs?: number | undefined
  /** Milliseconds after which something that is only counted, such as clients that were cut off, is over. Default 300,000. */
  readonly quietMs?: number | undefined
}
export type OperationsSettings = { readonly [Name in keyof OperationsOptions]-?: number }

const defaults: OperationsSettings = {
  everyMs: 10_000,
  readModelLagMaxMs: 30_000,
  subscriberLagMax: 10_000,
  outboxAgeMaxMs: 60_000,
  jobAgeMaxMs: 60_000,
  quietMs: 300_000,
}
const names = Object.keys(defaults) as (keyof OperationsSettings)[]

/** Errors: a plain one for what is unknown, a `RangeError` for what is out of bounds. */
export function operationsSettings(options: OperationsOptions, app: string): OperationsSettings {
  checkOptions(options, names, `operations of the app ${app}`)
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const settings = { ...defaults, ...given } as OperationsSettings
  for (const name of names) {
    if (name === 'everyMs' && settings.everyMs === Number.POSITIVE_INFINITY) continue
    const [min, max] = name === 'everyMs' ? [100, 3_600_000] : [0, undefined]
    checkWhole(settings[name], `option operations.${name}`, min, max)
  }
  return settings
}
