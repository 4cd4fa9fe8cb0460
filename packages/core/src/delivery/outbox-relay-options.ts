// What a relay of the outbox can be told, checked once.
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import { leaseDurationMsMax } from '../stores/lease/lease-store.ts'
import type { Backoff } from '../time/backoff.ts'

/** Reference: docs/reference/outbox.md. */
export interface OutboxOptions {
  /** `source` of the envelopes, where the broker sets none. Default: the app's name. */
  readonly source?: string | undefined
  /** Messages that are on their way at once, 1 to 10,000; of one key never more than one command's. Default 256. */
  readonly inFlightMax?: number | undefined
  /** Failed attempts after which a message is given up, from 1. Default 10. */
  readonly attemptsMax?: number | undefined
  /** Milliseconds until a message that failed is tried again, growing with its attempts, with full jitter. Default 1 s to 10 min. */
  readonly backoff?: Backoff | undefined
  /** Milliseconds to wait while the broker is away, growing with each failure in succession. Default 100 ms to 30 s. */
  readonly brokerBackoff?: Backoff | undefined
  /** Milliseconds after which a broker that does not answer is away, 1 to 86,400,000. Default 30,000. */
  readonly publishTimeoutMs?: number | undefined
  /** Milliseconds that the relay's process may be silent before another one takes over, 300 to 86,400,000. Default 10,000. */
  readonly leaseMs?: number | undefined
  /** Milliseconds after which the relay looks for what other processes have stored, 1 to 86,400,000. Default 250. */
  readonly pollMs?: number | undefined
  /** Milliseconds that sent messages are kept, counted from when they were stored, 0 to 3,155,760,000,000. Default 24 hours. */
  readonly retentionMs?: number | undefined
  /** Milliseconds that stopping waits for what is on its way, 0 to 86,400,000. Default 5,000. */
  readonly drainMs?: number | undefined
}
/** The same, with every default filled in. */
export type OutboxSettings = { readonly [Name in keyof OutboxOptions]-?: NonNullable<OutboxOptions[Name]> }

const hundredYearsMs = 3_155_760_000_000

/** Throws a plain error for an option that does not exist, and a `RangeError` for one out of bounds. */
export function outboxSettings(options: OutboxOptions, source: string): OutboxSettings {
  const settings: OutboxSettings = {
    source: options.source ?? source,
    inFlightMax: options.inFlightMax ?? 256,
    attemptsMax: options.attemptsMax ?? 10,
    backoff: options.backoff ?? { firstMs: 1_000, maxMs: 600_000 },
    brokerBackoff: options.brokerBackoff ?? { firstMs: 100, maxMs: 30_000 },
    publishTimeoutMs: options.publishTimeoutMs ?? 30_000,
    leaseMs: options.leaseMs ?? 10_000,
    pollMs: options.pollMs ?? 250,
    retentionMs: options.retentionMs ?? 86_400_000,
    drainMs: options.drainMs ?? 5_000,
  }
  checkOptions(options, Object.keys(settings), 'outbox of start()')
  checkWhole(settings.inFlightMax, 'option inFlightMax', 1, 10_000)
  checkWhole(settings.attemptsMax, 'option attemptsMax', 1)
  checkWhole(settings.publishTimeoutMs, 'option publishTimeoutMs', 1, leaseDurationMsMax)
  checkWhole(settings.leaseMs, 'option leaseMs', 300, leaseDurationMsMax)
  checkWhole(settings.pollMs, 'option pollMs', 1, leaseDurationMsMax)
  checkWhole(settings.retentionMs, 'option retentionMs', 0, hundredYearsMs)
  checkWhole(settings.drainMs, 'option drainMs', 0, leaseDurationMsMax)
  for (const name of ['backoff', 'brokerBackoff'] as const) {
    const { firstMs, maxMs } = settings[name]
    checkOptions(settings[name], ['firstMs', 'maxMs'], `${name} of outbox of start()`)
    checkWhole(firstMs, `option ${name}.firstMs`, 1, leaseDurationMsMax)
    checkWhole(maxMs, `option ${name}.maxMs`, firstMs, leaseDurationMsMax)
  }
  return settings
}
