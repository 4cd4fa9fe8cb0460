// Runs a command handler in the general form: what it loads and emits becomes a draft.
import { aggregateParts, unknownEvent } from '../aggregates/aggregate.ts'
import { checkKey } from '../codec/key-text.ts'
import { isRejected } from '../contracts/messages.ts'
import type { Event, Outgoing } from '../contracts/messages.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { Draft, DraftStream } from './draft.ts'
import type { Engine, Execution } from './engine.ts'
import { factsOf } from './facts.ts'
import type { CommandContext, Loaded, RunHandler } from './handler.ts'
import { whileHandling } from './nesting.ts'
import { queryContext } from './query.ts'

type DomainEvent = Event<'domain', string, unknown>
interface LoadedStream extends DraftStream {
  readonly events: DomainEvent[]
}
/** The streams that a handler had read when it failed, beside its error. */
export interface Failure {
  readonly error: unknown
  readonly streams: readonly DraftStream[]
}

/** The draft, or the handler's failure with what it had read. */
export async function run(
  engine: Engine,
  handler: RunHandler,
  execution: Execution,
  made: string[],
): Promise<Draft | Failure> {
  const loaded = new Map<
    string,
    Promise<{ readonly stream: LoadedStream; readonly view: Loaded<unknown, DomainEvent> }>
  >()
  const streams: LoadedStream[] = []
  const outgoing: Outgoing[] = []
  let open = true
  const checkOpen = (type: string): void => {
    if (!open)
      throw new GestaError(
        'no_event_recorder',
        `Expected ${type} to be emitted while its command handler runs, but the handler of ${execution.contract.type} has returned. Await everything before returning.`,
      )
  }
  const load = async (definition: { readonly name: string }, id: string, key: string) => {
    const aggregate = aggregateParts(definition)
    checkKey(id, `the id of ${aggregate.name}`)
    const before = engine.states.cached(key) ?? (await engine.states.load(aggregate, execution.tenant, id))
    const stream: LoadedStream = { aggregate, id, key, before, events: [] }
    streams.push(stream)
    const emit = (...events: readonly DomainEvent[]): void => {
      for (const event of events) {
        checkOpen(event.type)
        if (!aggregate.folds.has(event.type)) throw unknownEvent(aggregate, event.type)
        stream.events.push(event)
      }
    }
    return { stream, view: { id, version: before.version, state: before.state, emit } }
  }
  const facts = factsOf(engine, execution, 0, made)
  const context = {
    ...queryContext(engine, execution.context, {
      role: execution.options.role ?? engine.role,
      after: undefined,
      deadline: execution.deadline,
    }),
    now: facts.now,
    newId: facts.newId,
    load: async (definition: { readonly name: string }, id: string) => {
      const key = engine.states.key(execution.tenant, definition.name, id)
      let pending = loaded.get(key)
      if (pending === undefined) {
        pending = load(definition, id, key)
        loaded.set(key, pending)
      }
      return (await pending).view
    },
    emit: (...messages: readonly Outgoing[]) => {
      for (const message of messages) {
        checkOpen(message.type)
        outgoing.push(message)
      }
    },
  } as unknown as CommandContext
  try {
    const answer = await execution.deadline.race(
      `${execution.contract.type} was running`,
      whileHandling(() => handler.run(execution.input, context)),
    )
    const rejected = isRejected(answer)
    return {
      streams: rejected ? streams.map((stream) => ({ ...stream, events: [] })) : streams,
      outgoing: rejected ? [] : outgoing,
      outcome: rejected ? 'rejected' : 'accepted',
      answer,
    }
  } catch (error) {
    return { error, streams }
  } finally {
    open = false
  }
}
