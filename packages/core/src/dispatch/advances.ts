// Which domain events change who may do what, and whose epochs they move: the streams that grow in the commit which stores them.
import { epochStream, PermissionsChanged } from '../contracts/permissions-changed.ts'
import type { Epoch } from '../contracts/permissions-changed.ts'
import { systemTenant } from '../request-context/system-context.ts'
import type { StreamAppend } from '../stores/commit.ts'
import type { TenantStream } from '../stores/event/event-store.ts'

/** The event as a domain's `advances` sees it. */
export interface AdvancingEvent {
  readonly data: unknown
  readonly tenant: string
  readonly aggregateId: string
}
export type Advances = ReadonlyMap<string, readonly ((event: AdvancingEvent) => Epoch | readonly Epoch[])[]>

/** The stream of an epoch. `tenant`: the one whose permissions change, for the epoch of a tenant. */
export function streamOfEpoch(epoch: Epoch, tenant: string): TenantStream {
  if (epoch === 'tenant') return { tenant, aggregateType: epochStream, aggregateId: 'tenant' }
  const aggregateId = 'account' in epoch ? `account:${epoch.account}` : `session:${epoch.session}`
  return { tenant: systemTenant, aggregateType: epochStream, aggregateId }
}

/** What makes an epoch's stream one longer, whatever others do to it meanwhile. */
export function epochAppend({ aggregateType, aggregateId }: TenantStream): StreamAppend {
  const { type, schemaVersion } = PermissionsChanged
  return { aggregateType, aggregateId, expectation: 'any', events: [{ type, schemaVersion, data: '{}' }] }
}

/**
 * The epochs that the events of a commit move, each once. Errors: what a domain's function throws; a plain one for an epoch that lies in
 * another tenant than the commit.
 */
export function epochAppends(
  advances: Advances,
  tenant: string,
  streams: readonly {
    readonly id: string
    readonly events: readonly { readonly type: string; readonly data: unknown }[]
  }[],
): readonly StreamAppend[] {
  if (advances.size === 0) return none
  const found = new Map<string, StreamAppend>()
  for (const { id, events } of streams)
    for (const { type, data } of events)
      for (const epochsOf of advances.get(type) ?? none)
        for (const epoch of [epochsOf({ data, tenant, aggregateId: id })].flat() as readonly Epoch[]) {
          const stream = streamOfEpoch(epoch, tenant)
          if (stream.tenant !== tenant) throw elsewhere(type, tenant)
          found.set(stream.aggregateId, epochAppend(stream))
        }
  return [...found.values()]
}

function elsewhere(type: string, tenant: string): Error {
  return new Error(
    `${type} moves the epoch of an account or session, which lies in the tenant ${systemTenant}, but its command is for the tenant "${tenant}". Dispatch it with targetTenant: systemTenant.`,
  )
}

const none: readonly never[] = []
