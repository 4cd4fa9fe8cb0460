// Objects: what is known of each, and its bytes in the last column, so that a list reads no content.
import type { Migration } from '@gesta/core/ports'

/** hash is SHA-256 in hexadecimal; stored_at is microseconds UTC. */
const createObjects = `CREATE TABLE objects (
  tenant TEXT NOT NULL,
  bucket TEXT NOT NULL,
  object TEXT NOT NULL,
  content_type TEXT NOT NULL,
  is_public INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  hash TEXT NOT NULL,
  stored_at INTEGER NOT NULL,
  content BLOB NOT NULL,
  UNIQUE (tenant, bucket, object)
) STRICT`

export const objects: Migration = { number: 1, name: 'objects', statements: [createObjects] }
