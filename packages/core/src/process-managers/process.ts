// A process: what is kept for one key of a process manager, as a stream of its own.
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { partsOf } from '../contracts/contract.ts'
import type { DomainEventContract } from '../contracts/contract.ts'
import { event } from '../contracts/define.ts'
import { anyValue, flag, listOf, mapOf, optional, record, text, whole } from '../schema/plain-schema.ts'
import type { ProcessManagerParts } from './process-manager-parts.ts'

export interface Process {
  readonly state: unknown
  /** Those that are set, by name, with the number that each was set under: one that fires under another number was called off. */
  readonly deadlines: { readonly [name: string]: number }
  /** Deadlines set so far. */
  readonly deadlinesSet: number
  readonly isOver: boolean
  /** Events that its functions could not take, and those behind them, oldest first. */
  readonly parked: readonly ParkedEvent[]
}
/** An event of the log that waits. */
export interface ParkedEvent {
  readonly commandId: string
  readonly index: number
  readonly type: string
  /** Codes and names; absent: it waits behind one that failed. */
  readonly error?: string | undefined
}

export interface ProcessMovedData {
  /** What it has reacted to: a type or a name, and the id of the event, the job or the command. */
  readonly to: string
  readonly cause: string
  /** Absent: as before. */
  readonly state?: unknown
  readonly deadlines: { readonly [name: string]: number }
  readonly deadlinesSet: number
  readonly isOver: boolean
  /** Types of what was sent. */
  readonly sent: readonly string[]
}
const parkedEvent = record<ParkedEvent>({
  commandId: text(1),
  index: whole(),
  type: text(1),
  error: optional(text()),
})

/** One step of a process. Reference: docs/reference/process-managers.md. */
export const ProcessMoved: DomainEventContract<'Gesta.ProcessMoved', ProcessMovedData> = event(
  'Gesta.ProcessMoved',
  record<ProcessMovedData>({
    to: text(1),
    cause: text(1),
    state: optional(anyValue),
    deadlines: mapOf(whole(1)),
    deadlinesSet: whole(),
    isOver: flag,
    sent: listOf(text(1)),
  }),
)
/** An event is kept until somebody retries it. Reference: docs/reference/process-managers.md. */
export const ProcessParked: DomainEventContract<'Gesta.ProcessParked', ParkedEvent> = event(
  'Gesta.ProcessParked',
  parkedEvent,
)
/** The oldest parked event was taken after all, or given up. Reference: docs/reference/process-managers.md. */
export const ProcessReleased: DomainEventContract<'Gesta.ProcessReleased', ParkedEvent> = event(
  'Gesta.ProcessReleased',
  parkedEvent,
)

/** The aggregate type of the streams of a process manager; the key is the aggregate's id. */
export function processStream(name: string): string {
  return `${streamPrefix}${name}`
}
/** The process manager that a stream is of; absent for other streams. */
export function processManagerOf(aggregateType: string): string | undefined {
  return aggregateType.startsWith(streamPrefix) ? aggregateType.slice(streamPrefix.length) : undefined
}
const streamPrefix = 'Gesta.Process/'

/** The fold of its streams. */
export function processAggregate({ name, initial }: ProcessManagerParts): AggregateParts {
  return {
    name: processStream(name),
    initial: (): Process => ({ state: initial(), deadlines: {}, deadlinesSet: 0, isOver: false, parked: [] }),
    folds: new Map([
      [
        ProcessMoved.type,
        {
          contract: partsOf(ProcessMoved),
          evolve: (process, data) => moved(process as Process, data as ProcessMovedData),
        },
      ],
      [
        ProcessParked.type,
        {
          contract: partsOf(ProcessParked),
          evolve: (process, data) => parked(process as Process, data as ParkedEvent),
        },
      ],
      [ProcessReleased.type, { contract: partsOf(ProcessReleased), evolve: (process) => released(process as Process) }],
    ]),
    stateVersion: 1,
    snapshotEvery: undefined,
  }
}

export function moved(process: Process, data: ProcessMovedData): Process {
  const { state = process.state, deadlines, deadlinesSet, isOver } = data
  return { ...process, state, deadlines, deadlinesSet, isOver }
}
function parked(process: Process, data: ParkedEvent): Process {
  return { ...process, parked: [...process.parked, data] }
}
function released(process: Process): Process {
  const [, ...rest] = process.parked
  return { ...process, parked: rest }
}
