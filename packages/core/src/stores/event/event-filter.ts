// Which events a list is about: what every store refuses to look for, and the filter itself for stores that look at events one by one.
import { checkKey } from '../../codec/key-text.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import { contextOf } from '../stored-context.ts'
import type { EventField, EventFilter, EventKey, StoredEvent, ValuesPage } from './event-store.ts'

/** Throws for ids that no event has, and for times and positions that are none. Errors: `invalid_key`; a `RangeError`. */
export function checkEventFilter(filter: EventFilter): void {
  const { tenant, workspace, aggregateType, aggregateId, domains, types, correlationId, attributes } = filter
  if (tenant !== undefined) checkTenant(tenant)
  if (workspace !== undefined) checkKey(workspace, 'workspace')
  if (aggregateType !== undefined) checkKey(aggregateType, 'aggregate type')
  if (aggregateId !== undefined) checkKey(aggregateId, 'aggregate id')
  for (const domain of domains ?? []) checkKey(domain, 'domain')
  for (const type of types ?? []) checkKey(type, 'event type')
  if (correlationId !== undefined) checkKey(correlationId, 'correlation id')
  for (const [name, value] of Object.entries(attributes ?? {})) {
    checkKey(name, 'name of an attribute')
    if (value !== '') checkKey(value, 'attribute')
  }
  for (const bound of ['from', 'to', 'after', 'before'] as const) {
    const number = filter[bound]
    if (number !== undefined) checkWhole(number, `${bound} of the filter`, 0)
  }
}

/** Throws for a key that no event has. Errors: `invalid_key`; a `RangeError` for the index. */
export function checkEventKey({ tenant, commandId, index }: EventKey): void {
  checkTenant(tenant)
  checkKey(commandId, 'command id')
  checkWhole(index, 'index of the event', 0)
}

/** Throws for a field that events do not have, and for a page that cannot be. Errors: `invalid_key`, a plain one. */
export function checkEventValues(field: EventField, { after }: ValuesPage): void {
  if (!Object.hasOwn(valueOf, field))
    throw new Error(`Expected one of ${Object.keys(valueOf).join(', ')}, received "${field}".`)
  if (after !== undefined && after !== '') checkKey(after, 'value to go on after')
}

/** A function that says whether a filter matches an event. */
export function eventMatcher(filter: EventFilter): (event: StoredEvent) => boolean {
  const { tenant, workspace, aggregateType, aggregateId, correlationId, attributes, from, to, after, before } = filter
  const types = filter.types && new Set(filter.types)
  const domains = filter.domains && new Set<string | undefined>(filter.domains)
  const labels = Object.entries(attributes ?? {})
  const asksContext = workspace !== undefined || correlationId !== undefined || labels.length > 0

  const matchesContext = (event: StoredEvent): boolean => {
    const context = contextOf(event.context)
    return (
      (workspace === undefined || context.targetWorkspace === workspace) &&
      (correlationId === undefined || context.correlationId === correlationId || event.commandId === correlationId) &&
      labels.every(([name, value]) => labelOf(context.attributes, name) === value)
    )
  }
  return (event) =>
    (tenant === undefined || event.tenant === tenant) &&
    (aggregateType === undefined || event.aggregateType === aggregateType) &&
    (aggregateId === undefined || event.aggregateId === aggregateId) &&
    (types === undefined || types.has(event.type)) &&
    (domains === undefined || domains.has(domainOf(event.type))) &&
    (from === undefined || event.recordedAt >= from) &&
    (to === undefined || event.recordedAt < to) &&
    (after === undefined || event.position > after) &&
    (before === undefined || event.position < before) &&
    (!asksContext || matchesContext(event))
}

/** The value of each field that can be listed; absent when an event has none. */
export const valueOf: { readonly [Field in EventField]: (event: StoredEvent) => string | undefined } = {
  tenant: ({ tenant }) => tenant,
  workspace: ({ context }) => contextOf(context).targetWorkspace,
  domain: ({ type }) => domainOf(type),
  aggregateType: ({ aggregateType }) => aggregateType,
  aggregateId: ({ aggregateId }) => aggregateId,
  type: ({ type }) => type,
}

/** The part of a type before its first dot; absent when it has none. */
function domainOf(type: string): string | undefined {
  const dot = type.indexOf('.')
  return dot < 1 ? undefined : type.slice(0, dot)
}

function labelOf(attributes: { readonly [name: string]: string } | undefined, name: string): string | undefined {
  return attributes !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined
}
