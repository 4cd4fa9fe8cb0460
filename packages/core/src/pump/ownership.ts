// One owner in a cluster: holds a lease, prolongs it while it is needed, and knows by its own count when it is over.
import type { Ids } from '../ids/ids.ts'
import type { HeldLease, LeaseStore } from '../stores/lease/lease-store.ts'
import type { Alarms } from '../time/alarms.ts'
import { pause } from '../time/unless-aborted.ts'

export interface Ownership {
  /** Waits until the name is this process's. Rejects with the reason of `signal`. */
  take(signal: AbortSignal): Promise<Held>
}
export interface Held {
  /** What it writes is refused under a lower one. */
  readonly fencingToken: number
  /** Aborts when it is lost. */
  readonly lost: AbortSignal
  /** Looks at the clock too: who slept for long does not wait to be told. */
  isHeld(): boolean
  /** Gives it up, if it is held. Never rejects. */
  release(): Promise<void>
  /** Lets it end by itself: it is prolonged no longer, and nobody else has it before its time. */
  abandon(): void
}
export interface OwnershipParts {
  readonly name: string
  readonly leases: LeaseStore
  readonly leaseMs: number
  readonly alarms: Alarms
  readonly ids: Ids
  /** Told why the lease store could not be asked. */
  readonly onTrouble: (cause: unknown) => void
  /** Told whenever it has answered. */
  readonly onAnswer?: (() => void) | undefined
}

/** Contends for the lease of this name, under an owner's id of its own. */
export function createOwnership(parts: OwnershipParts): Ownership {
  const { name, leases, leaseMs, alarms, ids, onTrouble, onAnswer } = parts
  const { clock } = alarms
  const owner = ids.newId()
  return {
    take: async (signal) => {
      for (;;) {
        signal.throwIfAborted()
        const askedAt = clock.monotonicUs()
        try {
          const lease = await leases.acquire(name, owner, leaseMs)
          onAnswer?.()
          if (lease !== undefined) return hold(parts, lease, askedAt)
        } catch (cause) {
          onTrouble(cause)
        }
        // Not all at once: several processes wait for the same name.
        await pause(clock, (leaseMs / 5) * (0.5 + ids.random()), signal)
      }
    },
  }
}

/** What belongs to this process alone, and is never lost. */
export const unshared: Ownership = {
  take: async (signal) => {
    signal.throwIfAborted()
    return {
      fencingToken: 1,
      lost: new AbortController().signal,
      isHeld: () => true,
      release: async () => undefined,
      abandon: () => undefined,
    }
  },
}

function hold({ leases, leaseMs, alarms }: OwnershipParts, lease: HeldLease, askedAt: number): Held {
  const { clock } = alarms
  const lost = new AbortController()
  const over = new AbortController()
  const end = (): void => {
    over.abort()
    alarm.cancel()
  }
  const lose = (): void => {
    end()
    lost.abort(new Error(`The lease ${lease.name} is lost: another process may have taken over.`))
  }
  // Counted from before the question: the store's count begins later, so it ends later.
  let untilUs = askedAt + leaseMs * 1000
  let alarm = alarms.set(untilUs, lose)
  const prolong = async (): Promise<void> => {
    for (let waitMs = leaseMs / 3; ;) {
      await pause(clock, waitMs, over.signal)
      const at = clock.monotonicUs()
      try {
        const renewed = await leases.renew(lease, leaseMs)
        if (over.signal.aborted) return
        if (renewed === undefined) return lose()
        untilUs = at + leaseMs * 1000
        alarm.cancel()
        alarm = alarms.set(untilUs, lose)
        waitMs = leaseMs / 3
      } catch {
        // A store that does not answer has time until the alarm rings.
        waitMs = leaseMs / 10
      }
    }
  }
  void prolong().catch(() => undefined)
  return {
    fencingToken: lease.fencingToken,
    lost: lost.signal,
    isHeld: () => {
      if (!over.signal.aborted && clock.monotonicUs() >= untilUs) lose()
      return !lost.signal.aborted
    },
    release: async () => {
      end()
      if (!lost.signal.aborted) await leases.release(lease).catch(() => undefined)
    },
    abandon: end,
  }
}
