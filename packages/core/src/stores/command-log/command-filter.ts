// Which commands a list is about: what every store refuses to look for, and the filter itself for stores that look at them one by one.
import { checkKey } from '../../codec/key-text.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import type { StoredHeader } from '../commit.ts'
import { contextOf } from '../stored-context.ts'
import type { CommandFilter } from './command-log-store.ts'

/** Throws for ids that no command has, and for times that are none. Errors: `invalid_key`; a `RangeError`. */
export function checkCommandFilter({ tenant, commandType, correlationId, sender, from, to }: CommandFilter): void {
  if (tenant !== undefined) checkTenant(tenant)
  if (commandType !== undefined) checkKey(commandType, 'command type')
  if (correlationId !== undefined) checkKey(correlationId, 'correlation id')
  if (sender !== undefined) checkKey(sender, 'sender')
  if (from !== undefined) checkWhole(from, 'from of the filter', 0)
  if (to !== undefined) checkWhole(to, 'to of the filter', 0)
}

/** A function that says whether a filter matches a command. */
export function commandMatcher(filter: CommandFilter): (header: StoredHeader) => boolean {
  const { tenant, commandType, correlationId, sender, from, to } = filter
  const outcomes = filter.outcomes && new Set(filter.outcomes)

  const matchesContext = ({ context, commandId }: StoredHeader): boolean => {
    const sent = contextOf(context)
    return (
      (sender === undefined || (sent.identity ?? sent.account) === sender) &&
      (correlationId === undefined || sent.correlationId === correlationId || commandId === correlationId)
    )
  }
  return (header) =>
    (tenant === undefined || header.tenant === tenant) &&
    (outcomes === undefined || outcomes.has(header.outcome)) &&
    (commandType === undefined || header.commandType === commandType) &&
    (from === undefined || header.recordedAt >= from) &&
    (to === undefined || header.recordedAt < to) &&
    ((sender === undefined && correlationId === undefined) || matchesContext(header))
}
