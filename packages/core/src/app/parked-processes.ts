// What operators see of processes, and what they do about events that a process could not take.
import type { Engine } from '../dispatch/engine.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { ProcessParked, processStream } from '../process-managers/process.ts'
import type { ParkedEvent, Process } from '../process-managers/process.ts'
import type { ProcessDefinition } from '../process-managers/process-handler.ts'
import { recordedOccasion } from '../pump/occasion.ts'
import { unreadableBecause } from '../stores/event/event-decoder.ts'
import type { UntoldFailure } from './process-failures.ts'
import type { TellProcess } from './process-reactions.ts'

/** Names one process. */
export interface ProcessName {
  readonly processManager: string
  readonly key: string
  /** Default: the empty text, of apps without tenants. */
  readonly tenant?: string | undefined
}
/** A process as it is now. */
export interface ProcessStatus extends Required<ProcessName> {
  readonly tenant: string
  /** 0 when nothing has happened to the key. */
  readonly version: number
  readonly state: unknown
  /** Names of the deadlines that are set. */
  readonly deadlines: readonly string[]
  readonly isOver: boolean
  /** Events that wait, oldest first; the first one has an error. */
  readonly parked: readonly ParkedEvent[]
}
/**
 * Processes, for operators; whoever holds the app may use it, no permission is checked here.
 * Reference: docs/reference/process-managers.md.
 */
export interface AppProcessManagers {
  /** Errors: a plain one for a process manager that the app does not have; `store_*`. */
  get(name: ProcessName): Promise<ProcessStatus>
  /** Processes that have parked events, of all tenants. Errors: as `get`. */
  parked(processManager: string): Promise<readonly ProcessStatus[]>
  /**
   * Takes the parked events of a process anew, in their order, until one fails or none is left; how many are left. Errors: as `get`; what
   * the first failing one fails with, unchanged.
   */
  retry(name: ProcessName): Promise<number>
  /** Gives up the oldest parked event of a process; how many are left. Errors: as `get`. */
  discard(name: ProcessName): Promise<number>
  /** Dead letters at which `.onFailed` fails in this process: each is tried again until it was taken, or its job was requeued or discarded. */
  untold(): readonly UntoldFailure[]
}

const pageEvents = 1_000

export function createAppProcessManagers(
  definitions: ReadonlyMap<string, ProcessDefinition>,
  engine: () => Engine,
  tell: TellProcess,
  untold: () => readonly UntoldFailure[],
): AppProcessManagers {
  const definitionOf = (name: string): ProcessDefinition => {
    const definition = definitions.get(name)
    if (definition !== undefined) return definition
    throw new Error(`The app has no process manager ${name}. It has: ${[...definitions.keys()].join(', ') || 'none'}.`)
  }
  const get = async ({ processManager, key, tenant = '' }: ProcessName): Promise<ProcessStatus> => {
    const { aggregate } = definitionOf(processManager)
    const { version, state: process } = await engine().states.load(aggregate, tenant, key)
    const { state, deadlines, isOver, parked } = process as Process
    return { processManager, tenant, key, version, state, deadlines: Object.keys(deadlines), isOver, parked }
  }
  const release = async (name: ProcessName, isRetried: boolean): Promise<number> => {
    const { manager } = definitionOf(name.processManager)
    const { parked, tenant, key, version } = await get(name)
    const [place] = parked
    if (place === undefined) return 0
    const event = await eventAt(engine(), tenant, place)
    const { context } = recordedOccasion(event)
    const cause = event.id
    const happened = isRetried
      ? ({ kind: 'event', name: `domain:${event.type}`, data: event.data, event, place } as const)
      : ({ kind: 'discard', place } as const)
    // By version: what was retried in vain is retried anew.
    const occasion = [isRetried ? 'retry' : 'discard', tenant, key, version]
    await tell(manager, { key, cause, context, occasion, happened, isRetried })
    return (await get(name)).parked.length
  }
  return {
    get,
    parked: async (processManager) => {
      definitionOf(processManager)
      const found = new Map<string, ProcessName>()
      const filter = { aggregateType: processStream(processManager), types: [ProcessParked.type] }
      for (let cursor: string | undefined; ;) {
        const page = await engine().store.list(filter, { limit: pageEvents, cursor })
        for (const { tenant, aggregateId: key } of page.items)
          found.set(JSON.stringify([tenant, key]), { processManager, tenant, key })
        cursor = page.cursor
        if (cursor === undefined) break
      }
      const processes = await Promise.all([...found.values()].map(get))
      return processes.filter(({ parked }) => parked.length > 0)
    },
    retry: async (name) => {
      let left = await release(name, true)
      for (let before = left + 1; left > 0 && left < before;) {
        before = left
        left = await release(name, true)
      }
      return left
    },
    discard: (name) => release(name, false),
    untold,
  }
}

/** A parked event as the log has it now. Errors: `event_unreadable`. */
async function eventAt({ store, decoder }: Engine, tenant: string, { commandId, index, type }: ParkedEvent) {
  const stored = await store.get({ tenant, commandId, index })
  const [event] = stored === undefined ? [] : await decoder.decodeEach([stored])
  const cause = event === undefined ? undefined : unreadableBecause(event)
  if (event !== undefined && cause === undefined) return event
  const message = `The parked event ${commandId}.${index} of type ${type} cannot be read. Discard it, or bring back what reads it.`
  throw new GestaError('event_unreadable', message, { cause, facts: { eventId: `${commandId}.${index}`, type } })
}
