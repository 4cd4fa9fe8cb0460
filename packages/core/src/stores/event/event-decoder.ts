// Stored events become recorded ones: data decoded from the exact stored text, brought up to the current schema version.
import type { ContractParts } from '../../contracts/contract.ts'
import type { Position, RecordedEvent } from '../../contracts/recorded-event.ts'
import { decode, encode } from '../../codec/json.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import type { RequestContext } from '../../request-context/request-context.ts'
import { timeText } from '../../time/clock.ts'
import { eventCount } from '../commit.ts'
import type { Commit } from '../commit.ts'
import type { StoredCommit, StoredEvent } from './event-store.ts'

/** Commits whose events wait for their command at most: more than a group ever has. */
const freshMax = 4_096

export interface EventDecoder {
  /** Errors: `event_unreadable` with event id, type and version. */
  decode(stored: StoredEvent): RecordedEvent
  /** The events of a commit that this process has just stored, as any reader of the log sees them. */
  eventsOf(stored: StoredCommit): readonly RecordedEvent[]
  /** The same for the last time: the command that made the commit takes them, and they are decoded once for all. */
  takeEventsOf(stored: StoredCommit): readonly RecordedEvent[]
}

/** A decoder that knows these event contracts; events of other types keep the data that they were stored with. */
export function createEventDecoder(contracts: ReadonlyMap<string, ContractParts>): EventDecoder {
  // From the moment a commit is stored until its command takes the events: a group's commits at most.
  const fresh = new Map<Commit, readonly RecordedEvent[]>()
  let contextText = ''
  let contextOwner = ''
  let shared: RequestContext = {}

  // Events of one commit share its context, so the last one is kept.
  const contextOf = (stored: StoredEvent): RequestContext => {
    if (stored.commandId === contextOwner && stored.context === contextText) return shared
    contextText = stored.context
    contextOwner = stored.commandId
    const own = stored.context === '{}' ? {} : (decode(stored.context) as RequestContext)
    shared = Object.freeze({ correlationId: stored.commandId, ...own })
    return shared
  }

  const decodeOne = (stored: StoredEvent): RecordedEvent => {
    const own = contextOf(stored)
    const contract = contracts.get(stored.type)
    return {
      id: `${stored.commandId}.${stored.index}`,
      commandId: stored.commandId,
      type: stored.type,
      data:
        contract === undefined || contract.schemaVersion === stored.schemaVersion
          ? decode(stored.data)
          : upcast(stored, contract),
      schemaVersion: contract?.schemaVersion ?? stored.schemaVersion,
      position: stored.position as Position,
      tenant: stored.tenant,
      workspace: own.targetWorkspace,
      domain: stored.type.slice(0, stored.type.indexOf('.')),
      aggregate: { type: stored.aggregateType, id: stored.aggregateId },
      version: stored.version,
      recordedAt: timeText(stored.recordedAt),
      context: own,
    }
  }
  return {
    decode: decodeOne,
    eventsOf: (stored) => {
      const events = storedEvents(stored).map(decodeOne)
      // What nobody takes, as after an outcome that was never known, must not stay.
      if (fresh.size >= freshMax) fresh.clear()
      if (events.length > 0) fresh.set(stored.commit, events)
      return events
    },
    takeEventsOf: (stored) => {
      const events = fresh.get(stored.commit)
      fresh.delete(stored.commit)
      return events ?? storedEvents(stored).map(decodeOne)
    },
  }
}

/** The rows of a commit, as the store would read them back. */
export function storedEvents({ commit, receipt }: StoredCommit): StoredEvent[] {
  const events: StoredEvent[] = []
  const first = receipt.position - eventCount(commit) + 1
  let index = 0
  commit.streams.forEach((stream, at) => {
    const firstVersion = receipt.firstVersions[at] ?? 1
    stream.events.forEach((event, offset) => {
      events.push({
        position: first + index,
        commitNo: receipt.commitNo,
        commandId: commit.commandId,
        index,
        tenant: commit.tenant,
        aggregateType: stream.aggregateType,
        aggregateId: stream.aggregateId,
        version: firstVersion + offset,
        type: event.type,
        schemaVersion: event.schemaVersion,
        data: event.data,
        context: commit.context,
        recordedAt: commit.recordedAt,
      })
      index++
    })
  })
  return events
}

function upcast(stored: StoredEvent, contract: ContractParts): unknown {
  const current = contract.schemaVersion ?? 1
  if (stored.schemaVersion > current) throw unreadable(stored, `this app knows the type up to version ${current}`)
  let data = decode(stored.data)
  try {
    for (const step of (contract.upcasts ?? []).slice(stored.schemaVersion - 1)) data = step(data)
    // As exact and as frozen as if it had been stored in this version.
    return decode(encode(data, `the data of ${stored.type}`))
  } catch (cause) {
    throw unreadable(stored, 'an upcast step failed', cause)
  }
}

function unreadable(stored: StoredEvent, why: string, cause?: unknown): GestaError {
  const id = `${stored.commandId}.${stored.index}`
  const message = `Cannot read the event ${id} of type ${stored.type}, schema version ${stored.schemaVersion}, at position ${stored.position}: ${why}. Run a version of the app that knows it, or mend its revise(...) steps.`
  return new GestaError('event_unreadable', message, {
    cause,
    facts: { eventId: id, type: stored.type, schemaVersion: stored.schemaVersion, position: stored.position },
  })
}
