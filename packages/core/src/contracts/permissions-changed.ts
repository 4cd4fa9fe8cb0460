// The event that moves an epoch: stored in the commit that changes who may do what, so that whatever was allowed before is looked at again.
import type { Schema } from '../schema/schema.ts'
import { event } from './define.ts'
import type { DomainEventContract } from './contract.ts'

const dataSchema: Schema<{ readonly [name: string]: never }> = {
  '~standard': { version: 1, vendor: 'gesta', validate: () => ({ value: {} }) },
}

/** Stored in the stream of an epoch, beside the events that change permissions. Reference: docs/reference/permissions.md. */
export const PermissionsChanged: DomainEventContract<'Gesta.PermissionsChanged', { readonly [name: string]: never }> =
  event('Gesta.PermissionsChanged', dataSchema)

/** The aggregate type of the streams of epochs. The version of such a stream is the epoch. */
export const epochStream = 'Gesta.Epoch'

/**
 * Whose permissions change: everybody's in the tenant of the commit, or those of one account or session, whose streams lie in the tenant
 * `systemTenant`.
 */
export type Epoch = 'tenant' | { readonly account: string } | { readonly session: string }
