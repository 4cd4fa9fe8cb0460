// One step of a process: what its functions say of something that happened, as the messages of one commit.
import { checkDelayMs } from '../contracts/check-job-options.ts'
import type { Event, Job } from '../contracts/messages.ts'
import { closest } from '../schema/options.ts'
import { ProcessMoved, ProcessParked, ProcessReleased } from './process.ts'
import type { ParkedEvent, Process } from './process.ts'
import type { ProcessManagerParts } from './process-manager-parts.ts'
import type { Step } from './process-manager.ts'
import type { Sendable } from './sendable.ts'
import { PassDeadline, SendCommand } from './sent-jobs.ts'

/** What happened to a process. */
export type Happening =
  | {
      readonly kind: 'event'
      /** `category:type`. */
      readonly name: string
      readonly data: unknown
      readonly event: unknown
      /** Where the log has it; absent: it came from elsewhere, and cannot be parked. */
      readonly place: ParkedEvent | undefined
    }
  | { readonly kind: 'deadline'; readonly name: string; readonly no: number }
  | { readonly kind: 'rejected' | 'failed'; readonly name: string; readonly told: unknown }
  /** It was tried often enough. */
  | { readonly kind: 'park'; readonly place: ParkedEvent }
  /** Somebody gives up the oldest parked event. */
  | { readonly kind: 'discard'; readonly place: ParkedEvent }

export interface ReactInput {
  readonly key: string
  /** The id of what happened. */
  readonly cause: string
  readonly happened: Happening
  /** The event is parked, and tried again. */
  readonly isRetried?: boolean | undefined
}
/** `waiting`: the process has parked events, and takes nothing else before them. `parked`: an event waits from now on. */
export type Reaction = 'done' | 'parked' | 'waiting'
export interface Reacted {
  readonly messages: readonly (Event<'domain', string, unknown> | Job<string, unknown>)[]
  readonly reaction: Reaction
}

/** Parked events of one process at most: then its process manager stops, whatever `onFailure` says. */
const parkedMax = 1_000

/** Errors: what the functions throw; plain ones and a `RangeError` for a step that is none. */
export function reactTo(manager: ProcessManagerParts, process: Process, input: ReactInput): Reacted {
  const { key, cause, happened, isRetried = false } = input
  if (happened.kind === 'park') return park(manager, process, happened.place)
  const [oldest] = process.parked
  if (happened.kind === 'discard')
    return isSame(oldest, happened.place) ? done([ProcessReleased(happened.place)]) : nothing
  if (oldest !== undefined && !isRetried) {
    if (happened.kind !== 'event' || happened.place === undefined) return { messages: [], reaction: 'waiting' }
    return park(manager, process, { ...happened.place, error: undefined })
  }
  if (isRetried && !(happened.kind === 'event' && isSame(oldest, happened.place))) return nothing
  const release = isRetried && oldest !== undefined ? [ProcessReleased(oldest)] : []
  const ask = process.isOver ? undefined : functionFor(manager, process, key, happened)
  if (ask === undefined) return done(release)
  return done([...messagesOf(manager, process, key, cause, happened, checkedStep(manager, ask())), ...release])
}

function done(messages: Reacted['messages']): Reacted {
  return messages.length === 0 ? nothing : { messages, reaction: 'done' }
}
const nothing: Reacted = { messages: [], reaction: 'done' }

function park(manager: ProcessManagerParts, process: Process, place: ParkedEvent): Reacted {
  if (process.parked.some((one) => isSame(one, place))) return nothing
  if (process.parked.length >= parkedMax)
    throw new Error(
      `A process of ${manager.name} has ${parkedMax} parked events. Mend what they fail at and retry them, or discard them.`,
    )
  return { messages: [ProcessParked(place)], reaction: 'parked' }
}

function isSame(one: ParkedEvent | undefined, other: ParkedEvent | undefined): boolean {
  return one !== undefined && one.commandId === other?.commandId && one.index === other.index
}

/** What makes the step. Absent: nothing is registered for it, or it was called off. */
function functionFor(
  manager: ProcessManagerParts,
  { state, deadlines }: Process,
  key: string,
  happened: Happening,
): (() => unknown) | undefined {
  switch (happened.kind) {
    case 'event': {
      const to = manager.events.get(happened.name)
      return to && (() => to.react(state, happened.data, happened.event))
    }
    case 'deadline': {
      if (deadlines[happened.name] !== happened.no) return undefined
      // It has passed, also when nobody asks for it any more.
      const react = manager.deadlines.get(happened.name) ?? (() => ({}))
      return () => react(state, key, key)
    }
    case 'rejected':
    case 'failed': {
      const react = (happened.kind === 'failed' ? manager.failures : manager.refusals).get(happened.name)
      return react && (() => react(state, happened.told, key))
    }
    case 'park':
    case 'discard':
      return undefined
  }
}

const stepFields: readonly string[] = ['state', 'send', 'deadlinesMs', 'end']

function checkedStep({ name }: ProcessManagerParts, step: unknown): Step<unknown> {
  // The mistake is told here; what the promise comes to would be an unhandled rejection beside it.
  if (step instanceof Promise) step.catch(() => undefined)
  if (typeof step !== 'object' || step === null || step instanceof Promise || Array.isArray(step))
    throw new Error(
      `Expected the process manager ${name} to return a step such as { state, send }. Its functions are synchronous.`,
    )
  const unknown = Object.keys(step).find((field) => !stepFields.includes(field))
  if (unknown === undefined) return step
  const near = closest(unknown, stepFields)
  throw new Error(
    `The process manager ${name} returned a step with the unknown field "${unknown}". ${near === undefined ? `Fields: ${stepFields.join(', ')}.` : `Did you mean "${near}"?`}`,
  )
}

function messagesOf(
  manager: ProcessManagerParts,
  process: Process,
  key: string,
  cause: string,
  happened: Happening,
  { state, send = [], deadlinesMs = {}, end = false }: Step<unknown>,
): Reacted['messages'] {
  const to = 'name' in happened ? happened.name : happened.kind
  const jobs = send.map((message) => jobFor(manager, key, message))
  const kept = new Map(Object.entries(process.deadlines))
  // One that has passed is set no more.
  const passed = happened.kind === 'deadline' ? kept.delete(happened.name) : false
  let no = process.deadlinesSet
  for (const [name, delayMs] of Object.entries(deadlinesMs)) {
    if (!manager.deadlines.has(name)) throw unknownDeadline(manager, name)
    kept.delete(name)
    if (delayMs === null) continue
    checkDelayMs(delayMs, `the deadline "${name}" of the process manager ${manager.name}`)
    kept.set(name, ++no)
    if (!end) jobs.push(PassDeadline({ manager: manager.name, key, name, no }, { delayMs }))
  }
  const isMoved = state !== undefined || jobs.length > 0 || end || passed || Object.keys(deadlinesMs).length > 0
  if (!isMoved) return []
  const event = ProcessMoved({
    to,
    cause,
    ...(state !== undefined && { state }),
    deadlines: end ? {} : Object.fromEntries(kept),
    deadlinesSet: no,
    isOver: end,
    sent: send.map((message) => ('later' in message ? message.later.type : message.type)),
  })
  return [event, ...jobs]
}

/** A job goes as it is, a command in one that sends it. */
export function jobFor(manager: ProcessManagerParts, key: string, message: Sendable): Job<string, unknown> {
  const isLater = 'later' in message
  const sent = isLater ? message.later : message
  const { kind, type, data } = sent
  if (kind === 'job') {
    if (!isLater) return sent
    const { at: _, ...options } = sent.options ?? {}
    return { ...sent, options: { ...options, delayMs: message.delayMs } }
  }
  // What is plainly no message is told here; the compiler has said it before.
  if ((kind as string) !== 'command')
    throw new Error(`The process manager ${manager.name} sends ${type}, which is no command and no job.`)
  const wrapped = { manager: manager.name, key, type, ...(data !== undefined && { data }) }
  return isLater ? SendCommand(wrapped, { delayMs: message.delayMs }) : SendCommand(wrapped)
}

function unknownDeadline({ name, deadlines }: ProcessManagerParts, deadline: string): Error {
  const near = closest(deadline, [...deadlines.keys()])
  const hint = near === undefined ? `Add .onDeadline("${deadline}", ...).` : `Did you mean "${near}"?`
  return new Error(`The process manager ${name} sets the deadline "${deadline}", which it has no function for. ${hint}`)
}
