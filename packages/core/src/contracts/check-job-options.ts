// What a contract and a message may say of how a job is run.
import { checkKey } from '../codec/key-text.ts'
import { checkOptions } from '../schema/options.ts'
import type { JobOptions, JobSettings, UniqueState } from './job-options.ts'

export const jobSettingNames = ['queue', 'priority', 'attemptsMax', 'timeoutMs', 'backoff'] as const
const jobOptionNames = ['queue', 'priority', 'attemptsMax', 'delayMs', 'at', 'expiresInMs', 'key', 'unique'] as const
const uniqueStates: readonly UniqueState[] = [
  'scheduled',
  'pending',
  'running',
  'retry_scheduled',
  'waiting',
  'succeeded',
  'dead_letter',
]
const dayMs = 24 * 60 * 60 * 1000
/** A hundred years: what is longer is a mistake in the unit. */
const timeMsMax = 36_525 * dayMs
const queuePattern = /^[A-Za-z0-9._-]{1,64}$/

/** Errors: plain ones for what is unknown, a `RangeError` for numbers out of bounds. */
export function checkJobSettings(settings: JobSettings, where: string): void {
  const { timeoutMs, backoff } = settings
  checkShared(settings, where)
  checkBetween(timeoutMs, `timeoutMs of ${where}`, 1, dayMs)
  if (backoff === undefined) return
  checkOptions(backoff, ['firstMs', 'maxMs'], `backoff of ${where}`)
  checkBetween(backoff.firstMs, `backoff.firstMs of ${where}`, 0, dayMs)
  checkBetween(backoff.maxMs, `backoff.maxMs of ${where}`, backoff.firstMs ?? 0, 7 * dayMs)
}

/** Errors: plain ones for what is unknown, a `RangeError` for numbers out of bounds; `invalid_key` for keys. */
export function checkJobOptions(options: JobOptions, where: string): void {
  checkOptions(options, jobOptionNames, where)
  checkShared(options, where)
  const { delayMs, at, expiresInMs, key, unique } = options
  checkBetween(delayMs, `delayMs of ${where}`, 0, timeMsMax)
  checkBetween(expiresInMs, `expiresInMs of ${where}`, 1, timeMsMax)
  if (at !== undefined && delayMs !== undefined)
    throw new Error(`Expected ${where} to have delayMs or at, received both.`)
  if (at !== undefined && Number.isNaN(Date.parse(at)))
    throw new RangeError(
      `Expected at of ${where} to be a time like 2026-01-31T12:00:00Z, received ${JSON.stringify(at)}.`,
    )
  if (key !== undefined) checkKey(key, `the key of ${where}`)
  if (unique === undefined) return
  checkOptions(unique, ['key', 'withinMs', 'states'], `unique of ${where}`)
  checkKey(unique.key, `the unique key of ${where}`)
  checkBetween(unique.withinMs, `unique.withinMs of ${where}`, 1, timeMsMax)
  for (const state of unique.states ?? [])
    if (!uniqueStates.includes(state))
      throw new Error(`Expected unique.states of ${where} to be of ${uniqueStates.join(', ')}, received "${state}".`)
}

/** Errors: a `RangeError`. */
export function checkDelayMs(delayMs: number, where: string): void {
  checkBetween(delayMs, `the delay of ${where}`, 0, timeMsMax)
}

/** Errors: a `RangeError`. */
export function checkQueue(queue: string, where: string): void {
  if (!queuePattern.test(queue))
    throw new RangeError(
      `Expected the queue of ${where} to be 1 to 64 letters, digits, ".", "_" or "-", received ${JSON.stringify(queue)}.`,
    )
}

function checkShared({ queue, priority, attemptsMax }: JobSettings, where: string): void {
  if (queue !== undefined) checkQueue(queue, where)
  checkBetween(priority, `priority of ${where}`, 0, 9)
  checkBetween(attemptsMax, `attemptsMax of ${where}`, 1, 1_000)
}

function checkBetween(value: number | undefined, what: string, min: number, max: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= min && value <= max)) return
  throw new RangeError(`Expected ${what} to be a whole number from ${min} to ${max}, received ${value}.`)
}
