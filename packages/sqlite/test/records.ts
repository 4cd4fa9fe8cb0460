// Records and details of commands for the tests of this package.
import type { CommandDetail, CommandRecord } from '@gesta/core/ports'
import { tenant } from './commits.ts'

export function detailOf(fields: Partial<CommandDetail> = {}): CommandDetail {
  return {
    durationUs: 5,
    payload: '{}',
    metadata: {},
    error: undefined,
    permission: undefined,
    idempotencyKey: undefined,
    duplicateOf: undefined,
    retries: 0,
    messages: 0,
    jobs: 0,
    redacted: [],
    truncated: [],
    ...fields,
  }
}

/** A record of a log of its own. */
export function recordOf(commandId: string, fields: Partial<CommandRecord> = {}): CommandRecord {
  const { messages: _, jobs: __, ...detail } = detailOf()
  return {
    tenant,
    commandId,
    commandType: 'Order.Change',
    status: 'accepted',
    recordedAt: 1_700_000_000_000_000,
    context: '{}',
    ...detail,
    events: [],
    messages: [],
    jobs: [],
    commitNo: undefined,
    ...fields,
  }
}
