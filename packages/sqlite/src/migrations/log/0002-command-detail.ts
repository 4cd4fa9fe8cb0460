// What the command log keeps beside a header, and what old records and old keys are found by.
import type { Migration } from '@gesta/core/ports'

/**
 * detail is JSON text, and empty once the record was purged; payload is exact JSON text. Both are NULL for a header that was stored
 * without. They come last, so that who reads a header or an event does not pass over them, and the payload behind the detail, because it
 * may be large.
 */
const addDetail = 'ALTER TABLE commits ADD COLUMN detail TEXT'
const addPayload = 'ALTER TABLE commits ADD COLUMN payload TEXT'

/** Purged records are counted, and taken from the number of all. No commit is in it when it is stored. */
const indexPurged = `CREATE INDEX commits_purged ON commits (tenant) WHERE detail = ''`

/** Keys in the order of their commits, so that the oldest are found first. Only a commit with a key pays for it. */
const indexKeys = 'CREATE INDEX idempotency_by_commit ON idempotency (commit_no)'

export const commandDetail: Migration = {
  number: 2,
  name: 'command-detail',
  statements: [addDetail, addPayload, indexPurged, indexKeys],
}
