// What every event store refuses of a rewriting before anything is changed: above all one that would leave no trace.
import { checkPayloadSize } from '../../codec/json.ts'
import { checkJsonText } from '../check-text.ts'
import { checkCommit } from './check-commit.ts'
import { checkEventKey } from './event-filter.ts'
import type { EventRewrite } from './event-store.ts'

/**
 * Throws when a rewriting cannot be done as it is. Errors: `invalid_key`, `invalid_output`, `payload_too_large`; a plain `Error`
 * for a record that has streams or no audit entry.
 */
export function checkRewrite({ tenant, commandId, index, data, record }: EventRewrite): void {
  checkEventKey({ tenant, commandId, index })
  if (data !== undefined) {
    checkJsonText(data, 'event')
    checkPayloadSize(data, 'event')
  }
  checkCommit(record)
  if (record.streams.length > 0)
    throw new Error(
      'Expected the record of a rewriting to have no streams, received some. Store them in a commit of their own.',
    )
  if (record.audit.length === 0)
    throw new Error(
      'Expected the record of a rewriting to have an audit entry, received none. Say who changed what, and why.',
    )
}
