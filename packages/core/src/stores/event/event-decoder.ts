// Stored events become recorded ones: data decoded from the exact stored text, brought up to the current schema version.
import type { ContractParts } from '../../contracts/contract.ts'
import type { Position, RecordedEvent } from '../../contracts/recorded-event.ts'
import { decode, encode } from '../../codec/json.ts'
import type { RequestContext } from '../../request-context/request-context.ts'
import { isGestaError } from '../../errors/gesta-error.ts'
import type { GestaError } from '../../errors/gesta-error.ts'
import { timeText } from '../../time/clock.ts'
import { eventCount } from '../commit.ts'
import type { Commit } from '../commit.ts'
import type { Keyring } from '../key/keyring.ts'
import type { StoredCommit, StoredEvent } from './event-store.ts'
import { openAtHand, openEvents, unreadable } from './opening.ts'
import { isSealed } from '../key/sealed-text.ts'

/** Commits whose events wait for their command at most: more than a group ever has. */
const freshMax = 4_096

/** Events that could not be read, with the reason: their data is `undefined`, and only who wants it fails. */
const unreadables = new WeakMap<RecordedEvent, GestaError>()

/** Why the data of an event that `decodeEach` gave cannot be read; `undefined` for one that can. */
export function unreadableBecause(event: RecordedEvent): GestaError | undefined {
  return event.data === undefined ? unreadables.get(event) : undefined
}

export interface EventDecoder {
  /**
   * A page of stored events: at once, or a promise when some are sealed and their keys may have to be fetched.
   * Errors: `event_unreadable` with event id, type and version; `store_*` of the key store.
   */
  decodePage(page: readonly StoredEvent[]): readonly RecordedEvent[] | Promise<readonly RecordedEvent[]>
  /**
   * The same, but an event that cannot be read withholds no other: it comes without data, and `unreadableBecause` tells why.
   * Errors: `store_*` of the key store.
   */
  decodeEach(page: readonly StoredEvent[]): Promise<readonly RecordedEvent[]>
  /** One event whose data is decoded when it is asked for: for who mostly asks for its names. Never for sealed ones. */
  decodeLater(stored: StoredEvent): RecordedEvent
  /** The events of a commit that this process has just stored, as any reader of the log sees them. Errors: `event_unreadable`, also when a key is no longer in memory. */
  eventsOf(stored: StoredCommit): readonly RecordedEvent[]
  /** The same for the last time: the command that made the commit takes them, and they are decoded once for all. */
  takeEventsOf(stored: StoredCommit): readonly RecordedEvent[]
}

/**
 * A decoder that knows these event contracts; events of other types keep the data that they were stored with, sealed or not.
 * Without a keyring no sealed event of a known type can be read.
 */
export function createEventDecoder(contracts: ReadonlyMap<string, ContractParts>, keyring?: Keyring): EventDecoder {
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

  const dataOf = (
    stored: StoredEvent,
    isKnown: boolean,
    opened: ReadonlyMap<StoredEvent, unknown> | undefined,
  ): unknown => {
    if (!isKnown || !isSealed(stored.data)) return decode(stored.data)
    return opened === undefined ? openAtHand(stored, keyring) : opened.get(stored)
  }
  const recorded = (stored: StoredEvent, data: unknown): RecordedEvent => {
    const own = contextOf(stored)
    return {
      id: `${stored.commandId}.${stored.index}`,
      commandId: stored.commandId,
      type: stored.type,
      data,
      schemaVersion: contracts.get(stored.type)?.schemaVersion ?? stored.schemaVersion,
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
  const decodeOne = (stored: StoredEvent, opened?: ReadonlyMap<StoredEvent, unknown>): RecordedEvent => {
    const contract = contracts.get(stored.type)
    const data = dataOf(stored, contract !== undefined, opened)
    const isCurrent = contract === undefined || contract.schemaVersion === stored.schemaVersion
    return recorded(stored, isCurrent ? data : upcast(stored, contract, data))
  }
  const decodePage = (page: readonly StoredEvent[]): readonly RecordedEvent[] | Promise<readonly RecordedEvent[]> => {
    const sealed = page.filter(({ type, data }) => isSealed(data) && contracts.has(type))
    if (sealed.length === 0) return page.map((stored) => decodeOne(stored))
    return openEvents(sealed, keyring).then((opened) => page.map((stored) => decodeOne(stored, opened)))
  }
  const decodeAlone = async (stored: StoredEvent): Promise<RecordedEvent> => {
    try {
      return (await decodePage([stored]))[0] as RecordedEvent
    } catch (error) {
      if (!isGestaError(error, 'event_unreadable')) throw error
      const event = recorded(stored, undefined)
      unreadables.set(event, error)
      return event
    }
  }
  const decodeOwn = (stored: StoredCommit): readonly RecordedEvent[] =>
    storedEvents(stored).map((event) => decodeOne(event))
  return {
    decodePage,
    decodeLater: (stored) => new LaterEvent(stored, contextOf, decodeOne),
    decodeEach: async (page) => {
      try {
        return await decodePage(page)
      } catch (error) {
        if (!isGestaError(error, 'event_unreadable')) throw error
        return Promise.all(page.map(decodeAlone))
      }
    },
    eventsOf: (stored) => {
      const events = decodeOwn(stored)
      // What nobody takes, as after an outcome that was never known, must not stay.
      if (fresh.size >= freshMax) fresh.clear()
      if (events.length > 0) fresh.set(stored.commit, events)
      return events
    },
    takeEventsOf: (stored) => {
      const events = fresh.get(stored.commit)
      fresh.delete(stored.commit)
      return events ?? decodeOwn(stored)
    },
  }
}

/** The getters lie in a class, because in an object literal they cost more than what they save. */
class LaterEvent implements RecordedEvent {
  readonly #stored: StoredEvent
  readonly #contextOf: (stored: StoredEvent) => RequestContext
  readonly #decode: (stored: StoredEvent) => RecordedEvent

  constructor(
    stored: StoredEvent,
    contextOf: (stored: StoredEvent) => RequestContext,
    decodeOne: (stored: StoredEvent) => RecordedEvent,
  ) {
    this.#stored = stored
    this.#contextOf = contextOf
    this.#decode = decodeOne
  }
  get id(): string {
    return `${this.#stored.commandId}.${this.#stored.index}`
  }
  get commandId(): string {
    return this.#stored.commandId
  }
  get type(): string {
    return this.#stored.type
  }
  get data(): unknown {
    return this.#decode(this.#stored).data
  }
  get schemaVersion(): number {
    return this.#decode(this.#stored).schemaVersion
  }
  get position(): Position {
    return this.#stored.position as Position
  }
  get tenant(): string {
    return this.#stored.tenant
  }
  get workspace(): string | undefined {
    return this.context.targetWorkspace
  }
  get domain(): string {
    return this.#stored.type.slice(0, this.#stored.type.indexOf('.'))
  }
  get aggregate(): RecordedEvent['aggregate'] {
    return { type: this.#stored.aggregateType, id: this.#stored.aggregateId }
  }
  get version(): number {
    return this.#stored.version
  }
  get recordedAt(): string {
    return timeText(this.#stored.recordedAt)
  }
  get context(): RequestContext {
    return this.#contextOf(this.#stored)
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

function upcast(stored: StoredEvent, contract: ContractParts, old: unknown): unknown {
  const current = contract.schemaVersion ?? 1
  if (stored.schemaVersion > current) throw unreadable(stored, `this app knows the type up to version ${current}`, mend)
  let data = old
  try {
    for (const step of (contract.upcasts ?? []).slice(stored.schemaVersion - 1)) data = step(data)
    // As exact and as frozen as if it had been stored in this version.
    return decode(encode(data, `the data of ${stored.type}`))
  } catch (cause) {
    throw unreadable(stored, 'an upcast step failed', mend, cause)
  }
}

const mend = 'Run a version of the app that knows it, or mend its revise(...) steps.'
