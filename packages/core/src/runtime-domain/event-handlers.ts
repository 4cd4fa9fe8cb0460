// Read models, subscribers and process managers as one list, as this process sees them.
import type { ReadModelStatus } from '../pump/read-model-status.ts'
import type { SubscriberStatus } from '../pump/subscriber-status.ts'
import type { EventHandlerRow } from './answers.ts'
import type { Introspection } from './introspection.ts'

/** Unsorted. */
export function eventHandlerRows(app: Introspection): readonly EventHandlerRow[] {
  const domains = new Map(app.eventHandlers.map(({ name, domain }) => [name, domain]))
  const managers = new Set(app.eventHandlers.filter((one) => one.isProcessManager === true).map(({ name }) => name))
  const kindOf = (name: string): 'processManager' | 'subscriber' =>
    managers.has(name) ? 'processManager' : 'subscriber'
  const domainOf = (name: string): string => domains.get(name) ?? ''
  return [
    ...app.readModels.list().map((status) => readModelRow(status, domainOf(status.name))),
    ...app.subscribers().map((status) => subscriberRow(status, domainOf(status.name), kindOf(status.name))),
  ]
}

export function readModelRow(status: ReadModelStatus, domain: string): EventHandlerRow {
  const { name, state, owned, lastError, parked, metrics, restore } = status
  return {
    name,
    domain,
    kind: 'readModel',
    restorable: true,
    state,
    owned,
    lastError,
    metrics: { ...metrics, latencyMs: metrics.latencyMs && { ...metrics.latencyMs } },
    parked,
    restore: restore && { ...restore },
  }
}

function subscriberRow(
  status: SubscriberStatus,
  domain: string,
  kind: 'subscriber' | 'processManager',
): EventHandlerRow {
  const { name, state, position, lag, lastError } = status
  return {
    name,
    domain,
    kind,
    restorable: false,
    state,
    owned: position !== undefined,
    lastError,
    metrics: { lastPosition: position, lagEvents: lag },
  }
}
