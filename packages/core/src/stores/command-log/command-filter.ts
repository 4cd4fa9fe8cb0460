// Which commands a list is about: what every store refuses to look for, and the filter itself for stores that look at them one by one.
import { checkKey } from '../../codec/key-text.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import { pageLimit } from '../page.ts'
import { contextOf } from '../stored-context.ts'
import type { CommandFilter, PurgeRequest } from './command-log.ts'
import { outcomeKinds } from './command-record.ts'
import type { CommandRecord, CommandStatus } from './command-record.ts'

/** Throws for ids that no command has, and for times that are none. Errors: `invalid_key`; a `RangeError`. */
export function checkCommandFilter(filter: CommandFilter): void {
  const { tenant, commandType, correlationId, sender, from, to, afterCommitNo } = filter
  if (tenant !== undefined) checkTenant(tenant)
  if (commandType !== undefined) checkKey(commandType, 'command type')
  if (correlationId !== undefined) checkKey(correlationId, 'correlation id')
  if (sender !== undefined) checkKey(sender, 'sender')
  if (from !== undefined) checkWhole(from, 'from of the filter', 0)
  if (to !== undefined) checkWhole(to, 'to of the filter', 0)
  if (afterCommitNo !== undefined) checkWhole(afterCommitNo, 'afterCommitNo of the filter', 0)
}

/** The least that a filter looks at. */
type Filtered = Pick<
  CommandRecord,
  'tenant' | 'commandId' | 'commandType' | 'status' | 'recordedAt' | 'context' | 'commitNo'
>

/** A function that says whether a filter matches a command. */
export function commandMatcher(filter: CommandFilter): (record: Filtered) => boolean {
  const { tenant, commandType, correlationId, sender, from, to, afterCommitNo } = filter
  const statuses = filter.statuses && new Set(filter.statuses)

  const matchesContext = ({ context, commandId }: Filtered): boolean => {
    const sent = contextOf(context)
    return (
      (sender === undefined || (sent.identity ?? sent.account) === sender) &&
      (correlationId === undefined || sent.correlationId === correlationId || commandId === correlationId)
    )
  }
  return (record) =>
    (tenant === undefined || record.tenant === tenant) &&
    (statuses === undefined || statuses.has(record.status)) &&
    (commandType === undefined || record.commandType === commandType) &&
    (from === undefined || record.recordedAt >= from) &&
    (to === undefined || record.recordedAt < to) &&
    (afterCommitNo === undefined || (record.commitNo ?? 0) > afterCommitNo) &&
    ((sender === undefined && correlationId === undefined) || matchesContext(record))
}

/** A checked purge. */
export interface Purge {
  readonly before: number
  readonly tenant: string | undefined
  readonly statuses: readonly CommandStatus[]
  readonly limit: number
}

/** What is purged. Errors: `invalid_key`; a `RangeError`. */
export function purgeOf({ before, tenant, statuses = outcomeKinds, limit }: PurgeRequest): Purge {
  checkWhole(before, 'before of the purge', 0)
  if (tenant !== undefined) checkTenant(tenant)
  return { before, tenant, statuses, limit: pageLimit(limit, 1_000) }
}
