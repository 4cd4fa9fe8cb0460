// Which domain events change who may do what, and whose epochs they move: the streams that grow in the commit which stores them.
import { decode } from '../codec/json.ts'
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
  const { account, session } = epoch as { readonly account?: unknown; readonly session?: unknown }
  // One that names nobody would move nobody's, and nobody would notice.
  const id = account ?? session
  if (typeof id !== 'string' || id === '' || (account !== undefined && session !== undefined))
    throw new Error(
      `Expected an epoch to be 'tenant', { account } or { session }, received { ${Object.keys(epoch).join()} }.`,
    )
  const aggregateId = account === undefined ? `session:${id}` : `account:${id}`
  return { tenant: systemTenant, aggregateType: epochStream, aggregateId }
}

/** What makes an epoch's stream one longer, whatever others do to it meanwhile. */
export function epochAppend({ aggregateType, aggregateId }: TenantStream): StreamAppend {
  const { type, schemaVersion } = PermissionsChanged
  return { aggregateType, aggregateId, expectation: 'any', events: [{ type, schemaVersion, data: '{}' }] }
}

/**
 * The epochs that the events of a commit move, each once. `texts`: the data of these events as it is stored, before anything is sealed: what
 * a schema has made of it, and not what a handler gave. Errors: what a domain's function throws; a plain one for an epoch that lies in
 * another tenant than the commit.
 */
export function epochAppends(
  advances: Advances,
  tenant: string,
  streams: readonly {
    readonly id: string
    readonly events: readonly { readonly type: string }[]
  }[],
  texts: readonly string[],
): readonly StreamAppend[] {
  if (advances.size === 0) return none
  const found = new Map<string, StreamAppend>()
  let index = 0
  for (const { id, events } of streams)
    for (const { type } of events) {
      const text = texts[index++] ?? 'null'
      for (const epochsOf of advances.get(type) ?? none)
        for (const epoch of [epochsOf({ data: decode(text), tenant, aggregateId: id })].flat() as readonly Epoch[]) {
          const stream = streamOfEpoch(epoch, tenant)
          if (stream.tenant !== tenant) throw elsewhere(type, tenant)
          found.set(stream.aggregateId, epochAppend(stream))
        }
    }
  return [...found.values()]
}

function elsewhere(type: string, tenant: string): Error {
  return new Error(
    `${type} moves the epoch of an account or session, which lies in the tenant ${systemTenant}, but its command is for the tenant "${tenant}". Dispatch it with targetTenant: systemTenant.`,
  )
}

const none: readonly never[] = []
