// What an audited command did to the one aggregate that it decided on: its state before, and as it will be when the commit is stored.
import { evolve } from '../aggregates/aggregate.ts'
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { decode } from '../codec/json.ts'
import type { Position, RecordedEvent } from '../contracts/recorded-event.ts'
import { timeText } from '../time/clock.ts'
import type { AggregateState } from './aggregate-state.ts'
import type { ActEnd } from './auditing.ts'
import type { Execution } from './engine.ts'

/** One aggregate of a decision, and what the decision appends to it. */
interface Decided {
  readonly aggregate: AggregateParts
  readonly id: string
  readonly before: AggregateState
  readonly events: readonly { readonly type: string }[]
}

/** `texts`: the data of the draft's events as JSON text, before anything is sealed. Nothing for a command of several aggregates. */
export function auditedState(
  streams: readonly Decided[],
  texts: readonly string[],
  execution: Execution,
): Pick<ActEnd, 'resource' | 'before' | 'after'> {
  const [stream, other] = streams
  if (stream === undefined || other !== undefined) return {}
  const { aggregate, id, before, events } = stream
  const resource = `${aggregate.name}/${id}`
  const known = before.version === 0 ? undefined : before.state
  if (events.length === 0) return { resource, before: known }
  return { resource, before: known, after: stateAfter(stream, texts, execution) }
}

/** Absent when a fold fails: the same fault meets whoever loads the aggregate, and is told there. */
function stateAfter(
  { aggregate, id, before, events }: Decided,
  texts: readonly string[],
  execution: Execution,
): unknown {
  const { commandId, tenant, context, arrivedAt } = execution
  try {
    return events.reduce((state, { type }, at): unknown => {
      const event: RecordedEvent = {
        id: `${commandId}.${at}`,
        commandId,
        type,
        data: decode(texts[at] ?? 'null'),
        schemaVersion: aggregate.folds.get(type)?.contract.schemaVersion ?? 1,
        // Known only when it is stored.
        position: 0 as Position,
        tenant,
        workspace: context.targetWorkspace,
        domain: type.slice(0, type.indexOf('.')),
        aggregate: { type: aggregate.name, id },
        version: before.version + at + 1,
        recordedAt: timeText(arrivedAt),
        context,
      }
      return evolve(aggregate, state, event)
    }, before.state)
  } catch {
    return undefined
  }
}
