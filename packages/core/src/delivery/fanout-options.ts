// The bounds of a hub, validated once.
import { checkOptions } from '../schema/options.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import { checkWhole } from '../stores/check-text.ts'

export interface FanoutOptions {
  /** Clients at once, from 1; one more is refused as `overloaded`. Default 10,000. */
  readonly clientsMax?: number | undefined
  /** Of one tenant, from 1; one more is refused as `too_many_clients`. Default: as many as in all. */
  readonly clientsPerTenantMax?: number | undefined
  /** Of one identity, from 1; one more is refused as `too_many_clients`. Default 100. */
  readonly clientsPerIdentityMax?: number | undefined
  /** Frames that may wait for one client, from 1; with one more it is cut. Default 1,000. */
  readonly queueFramesMax?: number | undefined
  /** Bytes that may wait for one client, from 1; with one more it is cut. Default 1 MiB. */
  readonly queueBytesMax?: number | undefined
  /** Events that are kept for clients that come back, from 0. Default 10,000. */
  readonly ringEventsMax?: number | undefined
  /** Bytes of memory for them, about, from 0. Default 16 MiB. */
  readonly ringBytesMax?: number | undefined
  /** Milliseconds between two signs of life, from 10. Default 15,000. */
  readonly heartbeatMs?: number | undefined
  /** Milliseconds in which a client that is full must take something, from 10; looked at with each heartbeat. Default 30,000. */
  readonly stallMs?: number | undefined
  /** Milliseconds after which a client that was cut off shall come back, about, from 0. Default 3,000. */
  readonly retryMs?: number | undefined
  /** Clock and randomness. Default: those of this process. */
  readonly runtime?: BackendRuntime | undefined
}

export type FanoutSettings = { readonly [Name in Exclude<keyof FanoutOptions, 'runtime'>]-?: number }

const bounds: { readonly [Name in keyof FanoutSettings]: readonly [min: number, standard: number] } = {
  clientsMax: [1, 10_000],
  clientsPerTenantMax: [1, Number.MAX_SAFE_INTEGER],
  clientsPerIdentityMax: [1, 100],
  queueFramesMax: [1, 1_000],
  queueBytesMax: [1, 1_048_576],
  ringEventsMax: [0, 10_000],
  ringBytesMax: [0, 16_777_216],
  heartbeatMs: [10, 15_000],
  stallMs: [10, 30_000],
  retryMs: [0, 3_000],
}

/** Errors: plain ones, for an unknown option and for a number out of bounds. */
export function fanoutSettings(options: FanoutOptions): FanoutSettings {
  const names = Object.keys(bounds) as (keyof FanoutSettings)[]
  checkOptions(options, [...names, 'runtime'], 'createFanout()')
  const settings: { -readonly [Name in keyof FanoutSettings]?: number } = {}
  for (const name of names) {
    const [min, standard] = bounds[name]
    const value = options[name] ?? standard
    checkWhole(value, `option ${name}`, min)
    settings[name] = value
  }
  return settings as FanoutSettings
}
