// The event that ends what was cached under a tag: a tag is a stream, so that every process hears of it in the one order.
import type { Schema } from '../schema/schema.ts'
import { event } from './define.ts'
import type { DomainEventContract } from './contract.ts'

const dataSchema: Schema<{ readonly [name: string]: never }> = {
  '~standard': { version: 1, vendor: 'gesta', validate: () => ({ value: {} }) },
}

/** Stored in the stream of a tag. Reference: docs/reference/cache.md. */
export const CacheInvalidated: DomainEventContract<'Gesta.CacheInvalidated', { readonly [name: string]: never }> =
  event('Gesta.CacheInvalidated', dataSchema)

/** The aggregate type of the streams of tags; the tag is the id. */
export const cacheTagStream = 'Gesta.CacheTag'
