// Decides a command of one aggregate: the decider's answer becomes a draft.
import { unknownEvent } from '../aggregates/aggregate.ts'
import type { DecideHandler, Facts } from '../aggregates/aggregate.ts'
import { isAccepted, isRejected } from '../contracts/messages.ts'
import type { Event, Outgoing } from '../contracts/messages.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { AggregateState } from './aggregate-state.ts'
import type { Draft } from './draft.ts'
import type { Execution } from './engine.ts'
import type { Leaving } from './outgoing.ts'
import { whileDeciding } from './nesting.ts'

type Message = Event<'domain', string, unknown> | Outgoing

/** Errors: whatever the decider throws; `version_mismatch` when the caller expected another version. */
export function decide(
  handler: DecideHandler,
  execution: Execution,
  id: string,
  key: string,
  before: AggregateState,
  facts: Facts,
): Draft {
  checkExpectedVersion(handler, execution, id, before.version)
  const answer = whileDeciding(() => handler.decider(before.state, execution.input, facts))
  const stream = { aggregate: handler.aggregate, id, key, before }
  if (isRejected(answer)) return { streams: [{ ...stream, events: [] }], leaving: [], outcome: 'rejected', answer }
  const messages = Array.isArray(answer) ? answer : isAccepted(answer) ? answer.messages : undefined
  if (messages === undefined) throw wrongAnswer(execution.contract.type, answer)

  const events: Event<'domain', string, unknown>[] = []
  let leaving: Leaving[] | undefined
  for (const message of messages as readonly Message[]) {
    if (message.kind !== 'event' || message.category !== 'domain')
      (leaving ??= []).push({ message, audience: undefined })
    else if (handler.aggregate.folds.has(message.type)) events.push(message)
    else throw unknownEvent(handler.aggregate, message.type)
  }
  return {
    streams: [{ ...stream, events }],
    leaving: leaving ?? none,
    outcome: 'accepted',
    answer: isAccepted(answer) ? answer.result : undefined,
  }
}

const none: readonly Leaving[] = []

function checkExpectedVersion({ aggregate }: DecideHandler, { options }: Execution, id: string, version: number): void {
  if (options.expectedVersion === undefined || options.expectedVersion === version) return
  const message = `Expected ${aggregate.name} ${id} to be at version ${options.expectedVersion}, but it is at ${version}. Read it again and decide on what you see.`
  throw new GestaError('version_mismatch', message, {
    facts: { aggregateType: aggregate.name, aggregateId: id, expected: options.expectedVersion, actual: version },
  })
}

function wrongAnswer(type: string, answer: unknown): Error {
  // The mistake is told here; what the promise comes to would be an unhandled rejection beside it.
  if (answer instanceof Promise) answer.catch(() => undefined)
  const received = answer instanceof Promise ? 'a promise' : answer === null ? 'null' : typeof answer
  return new Error(
    `Expected the decider of ${type} to return a list of messages, accept(...) or reject(...), received ${received}. Deciders are synchronous functions.`,
  )
}
