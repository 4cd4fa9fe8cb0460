// An event as somebody is shown it who looks at the app from outside: what is about a person is replaced.
import type { ContractParts } from '../contracts/contract.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { readSealed } from '../stores/key/sealed-text.ts'
import type { ShownEvent } from './introspection.ts'

const replacement = '[personal]'

/** The data without what is about a person; absent when nobody can say what that is, or when the event cannot be read. */
export function shownData(event: RecordedEvent, contracts: ReadonlyMap<string, ContractParts>): unknown {
  const contract = contracts.get(event.type)
  if (contract === undefined || event.data === undefined) return undefined
  return withoutPersonal(event.data, contract)
}

/** The same of an event that is sealed, which it stays: absent when it is sealed as a whole. */
export function sealedData(text: string, contract: ContractParts | undefined): unknown {
  if (contract === undefined) return undefined
  try {
    const sealed = readSealed(text)
    if (sealed.sealed === 'whole') return undefined
    const closed = Object.keys(sealed.fields).map((name) => [name, replacement])
    return withoutPersonal({ ...sealed.data, ...Object.fromEntries(closed) }, contract)
  } catch {
    return undefined
  }
}

function withoutPersonal(data: unknown, { personal }: ContractParts): unknown {
  if (personal === undefined) return data
  // What is no object does not fit the contract, and what is about a person may be anywhere in it.
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined
  const hidden = new Set<string>(personal.fields)
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, hidden.has(name) ? replacement : value]))
}

export function shownEvent(
  event: RecordedEvent,
  token: string,
  contracts: ReadonlyMap<string, ContractParts>,
): ShownEvent {
  const data = shownData(event, contracts)
  return {
    token,
    eventId: event.id,
    tenant: event.tenant,
    type: event.type,
    aggregateType: event.aggregate.type,
    aggregateId: event.aggregate.id,
    version: event.version,
    recordedAt: event.recordedAt,
    correlationId: event.context.correlationId,
    ...(data !== undefined && { data }),
  }
}
