// Places for streams: so many in all, for one tenant and for one identity.
import { GestaError } from '../errors/gesta-error.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { StreamLimits } from './stream-limits.ts'

export interface StreamPlaces {
  readonly taken: number
  /** Errors: `too_many_clients`. */
  take(caller: RequestContext): Disposable
}

export function createStreamPlaces({ openMax, perTenantMax, perIdentityMax }: StreamLimits): StreamPlaces {
  const counts = new Map<string, number>()
  const all = 'all'
  return {
    get taken() {
      return counts.get(all) ?? 0
    },
    take: ({ tenant = '', identity, account = '' }) => {
      const bounds = [
        { of: 'process', key: all, max: openMax },
        { of: 'tenant', key: JSON.stringify([tenant]), max: perTenantMax },
        { of: 'identity', key: JSON.stringify([tenant, identity ?? account]), max: perIdentityMax },
      ]
      for (const { of, key, max } of bounds) if ((counts.get(key) ?? 0) >= max) throw tooMany(of, max)
      for (const { key } of bounds) counts.set(key, (counts.get(key) ?? 0) + 1)
      let isTaken = true
      const leave = (): void => {
        if (!isTaken) return
        isTaken = false
        for (const { key } of bounds) {
          const left = (counts.get(key) ?? 1) - 1
          if (left === 0) counts.delete(key)
          else counts.set(key, left)
        }
      }
      return { [Symbol.dispose]: leave }
    },
  }
}

function tooMany(of: string, max: number): GestaError {
  return new GestaError(
    'too_many_clients',
    `The ${of} has ${max} runtime event streams open, which is as many as it may have. Close one, or ask for less with filters.`,
    { facts: { of, max } },
  )
}
