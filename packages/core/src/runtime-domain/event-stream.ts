// The runtime event stream: the log as it grows, for whoever may follow it. Before each page the permission is looked at, after the page
// was read: so nobody is shown what was stored after a revocation was acknowledged.
import type { ContractParts } from '../contracts/contract.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { isGestaError } from '../errors/gesta-error.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { Pump } from '../pump/pump.ts'
import { beyondLog } from '../pump/read-model-errors.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { systemTenant } from '../request-context/system-context.ts'
import type { EventDecoder } from '../stores/event/event-decoder.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import { divergedToken, markOf } from '../stores/event/token.ts'
import type { Tokens } from '../stores/event/token.ts'
import type { Alarms } from '../time/alarms.ts'
import { pause, unlessAborted } from '../time/unless-aborted.ts'
import { eventStreamPermission } from './contracts.ts'
import type { KnownContract, RuntimeStream, ShownEvent, StreamOptions } from './introspection.ts'
import { createLogEnd } from './log-end.ts'
import { shownEvent } from './shown-event.ts'
import { sightOf } from './sight.ts'
import type { StreamLimits } from './stream-limits.ts'
import { createStreamPlaces } from './stream-places.ts'

export interface StreamParts {
  readonly permissions: AppPermissions
  readonly contracts: readonly KnownContract[]
  /** Contracts of the app's domain events, by type. */
  readonly events: ReadonlyMap<string, ContractParts>
  readonly pump: Pick<Pump, 'next' | 'head'>
  readonly store: Pick<EventStore, 'head' | 'readAll'>
  readonly decoder: Pick<EventDecoder, 'decodeEach'>
  readonly tokens: Tokens
  readonly alarms: Alarms
  readonly limits: StreamLimits
}
export interface OpenedStream extends RuntimeStream {
  /** Ends all streams. */
  stop(): void
}

/** Events that are read at once. */
const pageEventsMax = 256

export function createRuntimeStream(parts: StreamParts): OpenedStream {
  const { permissions, pump, store, decoder, tokens, limits } = parts
  const stopping = new AbortController()
  const places = createStreamPlaces(limits)
  const end = createLogEnd(pump, parts.alarms)
  const counts = { refused: 0, revoked: 0, shown: 0 }

  const beginning = async (after: string | undefined): Promise<number> => {
    const head = await store.head()
    end.note(head)
    return after === undefined ? head : placeOf(parts, after, head)
  }
  const pageAfter = async (after: number, limit: number): Promise<readonly RecordedEvent[] | undefined> => {
    if (end.position <= after) return []
    if (pump.head > after) return pump.next(after, limit, always)
    // What this process has not heard of yet is read without waiting for the next time that it looks.
    return decoder.decodeEach(await store.readAll({ after, limit }))
  }
  const shownOf = async (
    page: readonly RecordedEvent[],
    caller: RequestContext,
    options: StreamOptions,
  ): Promise<readonly ShownEvent[]> => {
    const sight = sightOf(parts, caller)
    const passes = filterOf(options, sight.isSystem)
    const passed = page.filter(passes)
    const domains = [...new Set(passed.map(({ domain }) => domain))]
    const seen = await Promise.all(domains.map((domain) => sight.seesEventsOf(domain)))
    const visible = new Set(domains.filter((_, at) => seen[at]))
    return passed
      .filter(({ domain }) => visible.has(domain))
      .map((event) => shownEvent(event, tokens.token(event.position, event.commandId), parts.events))
  }

  async function* follow(caller: RequestContext, options: StreamOptions): AsyncGenerator<readonly ShownEvent[]> {
    const signal = AbortSignal.any([options.signal, stopping.signal])
    const target = options.tenant === '' ? caller : { ...caller, targetTenant: options.tenant }
    const isAllowed = (): Promise<void> =>
      unlessAborted(signal, permissions.require(target, eventStreamPermission, options.metadata))
    const entered = await entering(isAllowed, () => places.take(caller))
    using _place = entered
    let after = await unlessAborted(signal, beginning(options.after))
    // What could not be read yet, though it is known to be there, is waited for like what is not there.
    let known = after
    yield []
    for (;;) {
      await end.moved(known, limits.recheckMs, signal)
      const from = after
      const page = await unlessAborted(signal, pageAfter(from, options.pageEvents ?? pageEventsMax))
      if (page === undefined) return
      await isAllowed().catch((error: unknown) => {
        if (isGestaError(error, 'permission_denied')) counts.revoked++
        throw error
      })
      // Commits come whole, and a token may name a place inside of one.
      const fresh = page.filter(({ position }) => position > from)
      const shown = await unlessAborted(signal, shownOf(fresh, caller, options))
      after = page.at(-1)?.position ?? from
      known = page.length === 0 ? Math.max(from, end.position) : after
      counts.shown += shown.length
      if (shown.length > 0) yield shown
      // A store in memory never waits: whoever looks for what is nowhere in a long log would keep everybody else waiting.
      else if (page.length > 0) await pause(parts.alarms.clock, 0, signal)
    }
  }
  const entering = async <Place>(isAllowed: () => Promise<void>, take: () => Place): Promise<Place> => {
    try {
      await isAllowed()
      return take()
    } catch (error) {
      counts.refused++
      throw error
    }
  }

  return {
    open: (caller, options) => untilAborted([options.signal, stopping.signal], () => follow(caller, options)),
    status: () => ({
      state: stopping.signal.aborted ? 'stopped' : 'running',
      open: places.taken,
      openMax: limits.openMax,
      ...counts,
    }),
    stop: () => stopping.abort(),
  }
}

/** Ends without an error when a signal aborts. */
async function* untilAborted<Item>(
  signals: readonly AbortSignal[],
  follow: () => AsyncGenerator<Item>,
): AsyncGenerator<Item> {
  try {
    yield* follow()
  } catch (error) {
    if (!signals.some(({ aborted }) => aborted)) throw error
  }
}

/** The position of a token. Errors: `invalid_token`, `diverged`. */
async function placeOf({ tokens, store }: StreamParts, token: string, head: number): Promise<number> {
  const { position, mark } = tokens.place(token)
  if (position > head) throw beyondLog(position)
  if (mark === undefined || position === 0) return position
  const [event] = await store.readAll({ after: position - 1, limit: 1 })
  if (event !== undefined && markOf(event.commandId) !== mark) throw divergedToken()
  return position
}

function filterOf(options: StreamOptions, isSystem: boolean): (event: RecordedEvent) => boolean {
  const { tenant, domains, types, aggregateType, aggregateId } = options
  const isAll = isSystem && (tenant === '' || tenant === systemTenant)
  return (event) =>
    (isAll || event.tenant === tenant) &&
    (domains === undefined || domains.includes(event.domain)) &&
    (types === undefined || types.includes(event.type)) &&
    (aggregateType === undefined || event.aggregate.type === aggregateType) &&
    (aggregateId === undefined || event.aggregate.id === aggregateId)
}

const always = (): boolean => true
