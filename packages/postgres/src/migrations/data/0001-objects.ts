// Objects: what is known of each, and its bytes, which the server keeps apart when they are many.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function objects(s: string): Migration {
  /** hash is SHA-256 in hexadecimal; stored_at is microseconds UTC. */
  const createObjects = `CREATE TABLE ${s}.objects (
  tenant text COLLATE "C" NOT NULL,
  bucket text COLLATE "C" NOT NULL,
  object text COLLATE "C" NOT NULL,
  content_type text NOT NULL,
  is_public boolean NOT NULL,
  bytes bigint NOT NULL,
  hash text NOT NULL,
  stored_at bigint NOT NULL,
  content bytea NOT NULL
)`
  /** Uploads are mostly packed already: packing them again would cost time and save nothing. */
  const storePlain = `ALTER TABLE ${s}.objects ALTER COLUMN content SET STORAGE EXTERNAL`
  const createIndex = `CREATE UNIQUE INDEX objects_key
  ON ${s}.objects (${s}.index_key(tenant), ${s}.index_key(bucket), object)`

  return { number: 1, name: 'objects', statements: [createObjects, storePlain, createIndex] }
}
