// A process manager as a subscriber: it follows the log with a place of its own, and takes every event to the process of its key.
import { isAway } from '../dispatch/away.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { redactError } from '../errors/redact-error.ts'
import type { ProcessManagerParts, ReactingTo } from '../process-managers/process-manager-parts.ts'
import { ProcessWaits } from '../process-managers/process-handler.ts'
import type { ParkedEvent } from '../process-managers/process.ts'
import type { EventContext, Run, SubscriberParts } from '../pump/subscriber.ts'
import type { Envelope } from '../registry/envelope.ts'
import type { TellProcess } from './process-reactions.ts'

export function processSubscriber(manager: ProcessManagerParts, tell: TellProcess): SubscriberParts {
  const { name, from, roles, attemptsMax, leaseMs } = manager
  const byCategory = (category: string): SubscriberParts['domain'] =>
    new Map(
      [...manager.events.values()]
        .filter(({ contract }) => contract.category === category)
        .map((to) => [to.contract.type, { contract: to.contract, run: runOf(manager, to, tell) }]),
    )
  const events = { domain: byCategory('domain'), integration: byCategory('integration'), any: undefined }
  return { name, durable: true, from, roles, attemptsMax, leaseMs, ...events }
}

function runOf(manager: ProcessManagerParts, { contract, key: keyOf }: ReactingTo, tell: TellProcess): Run {
  const { type, category } = contract
  return async (data, { event, context, attempt, signal }: EventContext<unknown>) => {
    const { id, tenant = '' } = event as Pick<RecordedEvent, 'id' | 'tenant'> | Envelope
    const place = category === 'domain' ? placeOf(event as RecordedEvent) : undefined
    const key = keyOf(data, event)
    if (key === undefined) return
    if (typeof key !== 'string')
      throw new Error(
        `Expected the key of ${manager.name} for ${type} to be a text or undefined, received ${typeof key}.`,
      )
    const told = { key, cause: id, context, signal }
    const occasion = [category ?? 'domain', tenant, id]
    try {
      const happened = { kind: 'event', name: `${category}:${type}`, data, event, place } as const
      const reaction = await tell(manager, { ...told, occasion, happened })
      // It lies in no log, so it cannot be parked behind others: whoever delivers it does so again.
      if (reaction === 'waiting') throw new ProcessWaits(manager.name)
    } catch (cause) {
      if (manager.onFailure !== 'park' || place === undefined || attempt < manager.attemptsMax || isAway(cause))
        throw cause
      const parked = { ...place, error: redactError(cause) }
      // On the same occasion: an event that was parked is not taken when it comes again, also after it was retried.
      await tell(manager, { ...told, occasion, happened: { kind: 'park', place: parked } })
    }
  }
}

function placeOf({ id, commandId, type }: RecordedEvent): ParkedEvent {
  return { commandId, index: Number(id.slice(id.lastIndexOf('.') + 1)), type }
}
