// How often somebody may try to sign in: per address, per account and per pair of both, with growing delay. Whoever signed in before from
// this device or address is counted apart, so that nobody keeps the owner out; all others together have one budget per account, so that
// many addresses do not beat it. Counts lie among the credentials: they hold over processes and restarts.
import { createHash, randomBytes } from 'node:crypto'
import { GestaError } from '@gesta/core'
import type { Credentials } from '@gesta/core'
import { LRUCache } from 'lru-cache'
import { networkOf } from './network-of.ts'
import { createThrottleCounts } from './throttle-counts.ts'
import type { Budget } from './throttle-counts.ts'

export interface SignInAttempt {
  /** The peer's address; absent: not known. */
  readonly address: string | undefined
  /** The key of the address of mail, or another name of what is tried. */
  readonly subject: string
  /** What an earlier sign-in gave this device. */
  readonly device: string | undefined
  /** Names the command, and stays the same when its handler runs again, such as `context.newId()`: each step is counted once for it. */
  readonly use: string
}
/** Errors of all: `store_*`, `key_unreadable`. */
export interface Throttle {
  /**
   * Counts the attempt, as failed until it is said to have succeeded, so that many at once are no way around. Errors: `rate_limited`, with
   * `retryAfterMs` among its facts.
   */
  check(attempt: SignInAttempt): Promise<void>
  /** Also counts against the address, whatever it tries. */
  failed(attempt: SignInAttempt): Promise<void>
  /** The token of this device, for the next sign-in. */
  succeeded(attempt: SignInAttempt): Promise<string>
}

const minuteMs = 60_000
/** `free` attempts, then each waits twice as long as the one before. */
const budgets = {
  /** One address that tries many accounts; there may be an office behind it. */
  address: { free: 30, firstMs: 2_000, maxMs: 15 * minuteMs, forgottenMs: 60 * minuteMs },
  /** All strangers together at one account. */
  strangers: { free: 15, firstMs: 2_000, maxMs: 15 * minuteMs, forgottenMs: 120 * minuteMs },
  pair: { free: 5, firstMs: 1_000, maxMs: 15 * minuteMs, forgottenMs: 60 * minuteMs },
  /** A device, or an address, that the account was used from before. */
  known: { free: 10, firstMs: 1_000, maxMs: 5 * minuteMs, forgottenMs: 60 * minuteMs },
} as const satisfies { readonly [name: string]: Budget }
/** Commands that may be decided again, which each is within moments and in this process. */
const usesMax = 10_000
const knownMs = 90 * 24 * 60 * minuteMs
const devicePattern = /^[\w-]{43}$/

/** What is counted against, each under a name that tells nothing of whom it concerns. */
interface Counted {
  readonly id: string
  readonly budget: Budget
}

/** @param parts `now`: milliseconds since 1970. Reference: docs/reference/identity.md. */
export function createThrottle({
  credentials,
  now,
}: {
  readonly credentials: Credentials
  readonly now: () => number
}): Throttle {
  const counts = createThrottleCounts({ credentials, now })

  const isKnown = (id: string): Promise<boolean> => counts.isMarked(id, knownMs)
  const countedFor = async ({ address, subject, device }: SignInAttempt): Promise<readonly Counted[]> => {
    const knownDevice = deviceId(subject, device)
    if (knownDevice !== undefined && (await isKnown(knownDevice)))
      return [{ id: nameOf('device', knownDevice), budget: budgets.known }]
    const strangers = { id: nameOf('strangers', subject), budget: budgets.strangers }
    if (address === undefined) return [strangers]
    const network = networkOf(address)
    const pair = nameOf('pair', network, subject)
    if (await isKnown(knownPair(network, subject))) return [{ id: pair, budget: budgets.known }]
    // The narrowest first: who waits for a narrow one takes nothing from what others share.
    return [{ id: pair, budget: budgets.pair }, strangers]
  }
  const done = new LRUCache<string, Promise<unknown>>({ max: usesMax })
  /** What a step came to for a command before, when it is decided again. */
  const once = <T>(step: keyof Throttle, { use }: SignInAttempt, take: () => Promise<T>): Promise<T> => {
    const id = `${step} ${use}`
    const before = done.get(id) as Promise<T> | undefined
    if (before !== undefined) return before
    const taken = take()
    done.set(id, taken)
    return taken
  }
  const refuse = (waitMs: number): void => {
    if (waitMs > 0) throw tooOften(waitMs)
  }
  const check = async (attempt: SignInAttempt): Promise<void> => {
    const counted = await countedFor(attempt)
    if (attempt.address !== undefined && counted.every(({ budget }) => budget !== budgets.known))
      refuse(await counts.waitMs(nameOf('address', networkOf(attempt.address)), budgets.address))
    for (const { id, budget } of counted) refuse(await counts.waitMs(id, budget))
    for (const { id, budget } of counted) refuse(await counts.take(id, budget))
  }
  const failed = async ({ address }: SignInAttempt): Promise<void> => {
    if (address !== undefined) await counts.take(nameOf('address', networkOf(address)), budgets.address)
  }
  const succeeded = async (attempt: SignInAttempt): Promise<string> => {
    const { address, subject, device } = attempt
    for (const { id, budget } of await countedFor(attempt))
      if (budget === budgets.strangers) await counts.giveBack(id, budget)
      else await counts.clear(id)
    if (address !== undefined) await counts.mark(knownPair(networkOf(address), subject), knownMs)
    const before = deviceId(subject, device)
    const text =
      device !== undefined && before !== undefined && (await isKnown(before))
        ? device
        : randomBytes(32).toString('base64url')
    await counts.mark(deviceId(subject, text) as string, knownMs)
    return text
  }
  return {
    check: (attempt) => once('check', attempt, () => check(attempt)),
    failed: (attempt) => once('failed', attempt, () => failed(attempt)),
    succeeded: (attempt) => once('succeeded', attempt, () => succeeded(attempt)),
  }
}

/** Bound to what it signs in to: a device token of somebody else's account is none. */
function deviceId(subject: string, device: string | undefined): string | undefined {
  return device !== undefined && devicePattern.test(device) ? nameOf('known device', subject, device) : undefined
}
function knownPair(network: string, subject: string): string {
  return nameOf('known pair', network, subject)
}
function nameOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

function tooOften(waitMs: number): GestaError {
  return new GestaError(
    'rate_limited',
    'There were too many attempts to sign in. Wait, or reset the password by mail.',
    {
      facts: { retryAfterMs: Math.ceil(waitMs) },
    },
  )
}
