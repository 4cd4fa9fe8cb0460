// Who is connected to a hub: counted in all, per tenant and per identity, and found by tenant, so that an event of one tenant costs
// the clients of the others nothing.
import { GestaError } from '../errors/gesta-error.ts'
import type { FanoutViewer } from './fanout-audience.ts'
import type { FanoutClient } from './fanout-client.ts'
import type { FanoutSettings } from './fanout-options.ts'

export interface FanoutCensus {
  readonly size: number
  /** Errors: `overloaded`, `too_many_clients`. */
  checkRoom(viewer: FanoutViewer): void
  join(client: FanoutClient): void
  leave(client: FanoutClient): void
  /** A copy: clients may leave while it is gone through. */
  all(): readonly FanoutClient[]
  ofTenant(tenant: string): Iterable<FanoutClient>
}

const nobody: readonly FanoutClient[] = []

export function createFanoutCensus(bounds: FanoutSettings): FanoutCensus {
  const { clientsMax, clientsPerTenantMax, clientsPerIdentityMax } = bounds
  const tenants = new Map<string, Set<FanoutClient>>()
  const identities = new Map<string, number>()
  let size = 0
  return {
    get size() {
      return size
    },
    checkRoom: (viewer) => {
      if (size >= clientsMax)
        throw new GestaError(
          'overloaded',
          `Expected at most ${clientsMax} clients of the fanout at once. Try again later, or raise clientsMax.`,
        )
      if ((tenants.get(viewer.tenant)?.size ?? 0) >= clientsPerTenantMax) throw tooMany('tenant', clientsPerTenantMax)
      if (countOf(identities, viewer) >= clientsPerIdentityMax) throw tooMany('identity', clientsPerIdentityMax)
    },
    join: (client) => {
      const { viewer } = client
      const clients = tenants.get(viewer.tenant)
      if (clients === undefined) tenants.set(viewer.tenant, new Set([client]))
      else clients.add(client)
      if (viewer.identity !== undefined) identities.set(keyOf(viewer), countOf(identities, viewer) + 1)
      size++
    },
    leave: (client) => {
      const { viewer } = client
      const clients = tenants.get(viewer.tenant)
      if (clients?.delete(client) !== true) return
      if (clients.size === 0) tenants.delete(viewer.tenant)
      size--
      if (viewer.identity === undefined) return
      const left = countOf(identities, viewer) - 1
      if (left === 0) identities.delete(keyOf(viewer))
      else identities.set(keyOf(viewer), left)
    },
    all: () => [...tenants.values()].flatMap((clients) => [...clients]),
    // A set may lose members while it is gone through.
    ofTenant: (tenant) => tenants.get(tenant) ?? nobody,
  }
}

const keyOf = ({ tenant, identity }: FanoutViewer): string => JSON.stringify([tenant, identity])

function countOf(identities: ReadonlyMap<string, number>, viewer: FanoutViewer): number {
  return viewer.identity === undefined ? 0 : (identities.get(keyOf(viewer)) ?? 0)
}

function tooMany(whose: 'tenant' | 'identity', max: number): GestaError {
  return new GestaError(
    'too_many_clients',
    `Expected at most ${max} clients of one ${whose} at once. Close one that is not needed, then try again.`,
    { facts: { whose, clientsMax: max } },
  )
}
