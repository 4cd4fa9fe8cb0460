// What a command handler does before its command is stored: the aggregates that it loads, the messages that it emits.
import { aggregateParts, unknownEvent } from '../aggregates/aggregate.ts'
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { checkKey } from '../codec/key-text.ts'
import type { Event, Outgoing } from '../contracts/messages.ts'
import { noRecorder } from '../registry/recorder.ts'
import { initialState } from './aggregate-state.ts'
import type { DraftStream } from './draft.ts'
import type { Engine, Execution } from './engine.ts'
import type { Loaded } from './handler.ts'
import type { Leaving } from './outgoing.ts'

type DomainEvent = Event<'domain', string, unknown>
interface RecordedStream extends DraftStream {
  readonly events: DomainEvent[]
}
export interface HandlerWork {
  load(definition: { readonly name: string }, id: string): Promise<Loaded<unknown, DomainEvent>>
  /** A domain event that names no aggregate goes to the command's own stream. */
  emit(message: Outgoing | DomainEvent, audience: readonly string[] | undefined): void
  /** In the order in which they were first loaded. */
  readonly streams: readonly RecordedStream[]
  readonly leaving: readonly Leaving[]
  /** Errors: `no_event_recorder` once the handler has settled. */
  checkOpen(event: { readonly type: string }): void
  /** The handler has settled: what it still does comes too late. */
  close(): void
}

/** For one attempt of a command: nothing was done yet. */
export function createHandlerWork(engine: Engine, execution: Execution): HandlerWork {
  const loaded = new Map<string, Promise<Loaded<unknown, DomainEvent>>>()
  // In the order of the calls, whichever answer comes first: the order in which positions are given.
  const slots: (RecordedStream | undefined)[] = []
  const leaving: Leaving[] = []
  let own: RecordedStream | undefined
  let open = true

  const checkOpen = (event: { readonly type: string }): void => {
    if (!open) throw noRecorder(event as DomainEvent)
  }
  const load = async (aggregate: AggregateParts, id: string, key: string): Promise<Loaded<unknown, DomainEvent>> => {
    checkKey(id, `the id of ${aggregate.name}`)
    const slot = slots.push(undefined) - 1
    const before = engine.states.cached(key) ?? (await engine.states.load(aggregate, execution.tenant, id))
    const stream: RecordedStream = { aggregate, id, key, before, events: [] }
    slots[slot] = stream
    const emit = (...events: readonly DomainEvent[]): void => {
      for (const event of events) {
        checkOpen(event)
        if (!aggregate.folds.has(event.type)) throw unknownEvent(aggregate, event.type)
        stream.events.push(event)
      }
    }
    return { id, version: before.version, state: before.state, emit }
  }
  const ownStream = (): RecordedStream => {
    const aggregate = streamOfCommand(engine, execution.contract.type)
    const key = engine.states.key(execution.tenant, aggregate.name, execution.commandId)
    return { aggregate, id: execution.commandId, key, before: initialState(aggregate), events: [] }
  }
  return {
    load: (definition, id) => {
      const key = engine.states.key(execution.tenant, definition.name, id)
      let pending = loaded.get(key)
      if (pending === undefined) loaded.set(key, (pending = load(known(engine, definition), id, key)))
      return pending
    },
    emit: (message, audience) => {
      checkOpen(message)
      if (message.kind === 'job' || message.category !== 'domain') {
        leaving.push({ message, audience })
        return
      }
      if (own === undefined) slots.push((own = ownStream()))
      if (!own.aggregate.folds.has(message.type)) throw unknownEvent(own.aggregate, message.type)
      own.events.push(message)
    },
    get streams() {
      return slots.filter((stream) => stream !== undefined)
    },
    leaving,
    checkOpen,
    close: () => {
      open = false
    },
  }
}

/** Only an aggregate that the app knows is decoded rightly. Errors: a plain one for another. */
function known({ aggregates }: Engine, definition: { readonly name: string }): AggregateParts {
  const aggregate = aggregateParts(definition)
  if (aggregates.get(aggregate.name)?.folds !== aggregate.folds) {
    throw new Error(
      `The app does not know the aggregate ${aggregate.name} that is loaded. Add it to aggregates of its domain.`,
    )
  }
  return aggregate
}

/** A stream of events without state: it takes every event that the app knows. */
function streamOfCommand({ events }: Engine, type: string): AggregateParts {
  const folds = new Map([...events].map(([name, contract]) => [name, { contract, evolve: () => undefined }]))
  return { name: type, initial: () => undefined, folds, stateVersion: 1, snapshotEvery: undefined }
}
