// The lease store in memory: its time is the clock that the backend is lent.
import { checkKey } from '../../codec/key-text.ts'
import type { Clock } from '../../time/clock.ts'
import { storeClosed } from '../event/commit-queue.ts'
import { compareText } from '../read-model/row-order.ts'
import { checkHeldLease, checkLeaseDuration } from './check-lease.ts'
import type { HeldLease, Lease, LeaseStore } from './lease-store.ts'

/** A lease store for one process. */
export function createMemoryLeaseStore(clock: Pick<Clock, 'nowUs'>): LeaseStore {
  /** The last lease of each name: one that ended stays, for its token. */
  const leases = new Map<string, Lease>()
  let closed = false
  const open = (): void => {
    if (closed) throw storeClosed()
  }
  const holder = (name: string): Lease | undefined => {
    const lease = leases.get(name)
    return lease !== undefined && lease.expiresAt > clock.nowUs() ? lease : undefined
  }
  const held = ({ name, owner, fencingToken }: HeldLease): boolean => {
    const lease = holder(name)
    return lease?.owner === owner && lease.fencingToken === fencingToken
  }
  const give = ({ name, owner, fencingToken }: HeldLease, durationMs: number): Lease => {
    const lease = { name, owner, fencingToken, expiresAt: clock.nowUs() + durationMs * 1000 }
    leases.set(name, lease)
    return lease
  }
  /** Not "now", or a clock that is set back would bring it back. */
  const end = ({ name, owner, fencingToken }: HeldLease): void => {
    leases.set(name, { name, owner, fencingToken, expiresAt: 0 })
  }
  const holding = (): readonly Lease[] => [...leases.values()].filter(({ name }) => holder(name) !== undefined)
  return {
    acquire: async (name, owner, durationMs) => {
      open()
      const lease = holder(name)
      const fencingToken = lease?.fencingToken ?? (leases.get(name)?.fencingToken ?? 0) + 1
      checkHeldLease({ name, owner, fencingToken })
      checkLeaseDuration(durationMs)
      if (lease !== undefined && lease.owner !== owner) return undefined
      return give({ name, owner, fencingToken }, durationMs)
    },
    renew: async (lease, durationMs) => {
      open()
      checkHeldLease(lease)
      checkLeaseDuration(durationMs)
      return held(lease) ? give(lease, durationMs) : undefined
    },
    release: async (lease) => {
      open()
      checkHeldLease(lease)
      if (held(lease)) end(lease)
    },
    holder: async (name) => {
      open()
      checkKey(name, 'lease name')
      return holder(name)
    },
    list: async () => {
      open()
      return holding().toSorted((a, b) => compareText(a.name, b.name))
    },
    total: async () => {
      open()
      return holding().length
    },
    reset: async () => {
      open()
      for (const lease of leases.values()) end(lease)
    },
    info: async () => {
      open()
      return {
        store: 'lease',
        backend: 'memory',
        readOnly: false,
        items: holding().length,
        details: { names: leases.size },
      }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}
