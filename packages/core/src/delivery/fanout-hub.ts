// The hub of presentation events: hands what it is sent to every client that may see it, and to those that come back what they
// missed. It knows nothing of HTTP. Everything between an event and the clients' queues is one synchronous step, so that a client
// that joins gets every later event once, and replay has neither gap nor repetition.
import { checkPayloadSize, encode } from '../codec/json.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { Fanout } from '../registry/delivery-ports.ts'
import { normalizeAudience } from '../registry/envelope.ts'
import type { Envelope } from '../registry/envelope.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import { sees } from './fanout-audience.ts'
import type { FanoutViewer } from './fanout-audience.ts'
import { createFanoutCensus } from './fanout-census.ts'
import { FanoutClient } from './fanout-client.ts'
import type { ClientSurroundings, FanoutConnection, Sent } from './fanout-client.ts'
import { eventStreamFormat } from './fanout-frames.ts'
import type { FrameFormat } from './fanout-frames.ts'
import { createRingIds } from './fanout-ids.ts'
import { fanoutSettings } from './fanout-options.ts'
import type { FanoutOptions } from './fanout-options.ts'
import { createFanoutRing } from './fanout-ring.ts'
import type { ShownEvent } from './fanout-ring.ts'

/** Who connects, and what it asks for. */
export interface FanoutClientOptions {
  /** Default: none. It sees events of this tenant alone. */
  readonly tenant?: string | undefined
  /** Whose connections are counted together, within the tenant. Default: nobody's. */
  readonly identity?: string | undefined
  /** The labels that it holds. Default: none, so it sees what is for everyone. */
  readonly audience?: readonly string[] | undefined
  /** The types that it wants. Default: all. */
  readonly types?: readonly string[] | undefined
  /** The id of the last event that it has seen: what came after it is replayed. Any text is safe. */
  readonly after?: string | undefined
  /** Default: `text/event-stream`. */
  readonly format?: FrameFormat | undefined
}
export interface FanoutCounters extends Readonly<Sent> {
  /** Connected now. */
  readonly clients: number
  /** Over a bound, and therefore not connected. */
  readonly refused: number
  /** Disconnected by `revoke`. */
  readonly revoked: number
  /** Events that were sent again to clients that came back. */
  readonly replayed: number
  /** Clients that came back and were told to read everything again. */
  readonly replayMisses: number
}
export interface FanoutHub extends Fanout, AsyncDisposable {
  /** Takes a client. Errors: `overloaded`, `too_many_clients`; `app_stopped` after the hub was disposed of. */
  connect(client?: FanoutClientOptions): FanoutConnection
  /** Disconnects who holds a label, or whom a function names, at once; how many. Who comes back is asked anew who it is. */
  revoke(whom: string | ((client: FanoutViewer) => boolean)): number
  /** Frames (`sent`, with openings and heartbeats) and bytes count from the beginning; so does everything but `clients`. */
  counters(): FanoutCounters
}

const typePattern = /^[\w.-]{1,512}$/

/** `app/delivery.ts` says what it does; here clock and randomness are given. */
export function openFanout(options: FanoutOptions, { clock, ids }: BackendRuntime): FanoutHub {
  const settings = fanoutSettings(options)
  const { heartbeatMs, retryMs } = settings
  const ring = createFanoutRing(createRingIds(ids), settings)
  const census = createFanoutCensus(settings)
  const sent: Sent = { sent: 0, bytes: 0, dropped: 0 }
  const counts = { refused: 0, revoked: 0, replayed: 0, replayMisses: 0 }
  let closed = false
  let beating: { cancel(): void } | undefined

  const surroundings: ClientSurroundings = {
    clock,
    ...settings,
    counters: sent,
    left: (client) => {
      census.leave(client)
      if (census.size > 0) return
      beating?.cancel()
      beating = undefined
    },
  }
  const beat = (): void => {
    beating = clock.after(heartbeatMs, beat)
    const frames = new Map<FrameFormat, Uint8Array>()
    for (const client of census.all()) {
      const { format } = client
      const frame = frames.get(format) ?? format.heartbeat(ring.lastId)
      frames.set(format, frame)
      client.beat(frame)
    }
  }
  const show = (event: ShownEvent): void => {
    const added = ring.append(event)
    for (const client of census.ofTenant(added.tenant))
      if (client.joinedAt < added.sequence && sees(client.viewer, added)) client.offer(ring.frame(added, client.format))
  }
  const begin = (viewer: FanoutViewer, format: FrameFormat, after: string | undefined): Uint8Array[] => {
    // Clients that were cut off together shall not all come back at one moment.
    const jittered = Math.round(retryMs * (0.5 + ids.random()))
    if (after === undefined) return [format.opening(jittered, ring.lastId)]
    const missed = ring.after(after)
    if (typeof missed === 'string') {
      counts.replayMisses++
      return [format.opening(jittered, undefined), format.resync(ring.lastId, missed)]
    }
    const shown = missed.filter((event) => sees(viewer, event))
    counts.replayed += shown.length
    return [format.opening(jittered, after), ...shown.map((event) => ring.frame(event, format))]
  }
  return {
    sendPresentationEvents: async (events, { context }) => {
      const tenant = tenantOf(context)
      // All of a batch is read before any of it is sent: it is shown whole or not at all.
      const shown = events
        .filter(({ category }) => category === 'presentation')
        .map((event) => shownEvent(event, tenant))
      if (!closed) for (const event of shown) show(event)
    },
    connect: ({ tenant = '', identity, audience = [], types, after, format = eventStreamFormat } = {}) => {
      if (closed) throw stopped()
      const viewer: FanoutViewer = {
        tenant,
        identity,
        audience: new Set(audience.map((label) => label.trim())),
        types: types === undefined ? undefined : new Set(types),
      }
      try {
        census.checkRoom(viewer)
      } catch (error) {
        counts.refused++
        throw error
      }
      const client = new FanoutClient(viewer, format, ring.last, begin(viewer, format, after), surroundings)
      census.join(client)
      beating ??= clock.after(heartbeatMs, beat)
      return client
    },
    revoke: (whom) => {
      const isMeant = typeof whom === 'string' ? (viewer: FanoutViewer) => viewer.audience.has(whom.trim()) : whom
      const meant = census.all().filter(({ viewer }) => isMeant(viewer))
      for (const client of meant) client.end('revoked')
      counts.revoked += meant.length
      return meant.length
    },
    counters: () => ({ clients: census.size, ...sent, ...counts }),
    [Symbol.asyncDispose]: async () => {
      closed = true
      for (const client of census.all()) client.end('stopping')
    },
  }
}

/** Errors: `invalid_output`, `payload_too_large`. */
function shownEvent(event: Envelope, tenant: string): ShownEvent {
  const { type, value } = event
  // A type becomes a line of its own in a stream, and must not be able to become two.
  if (!typePattern.test(type))
    throw new GestaError(
      'invalid_output',
      'Expected the type of a presentation event to be a name such as Order.Changed, received a text with other characters.',
    )
  const what = `the presentation event ${type}`
  const json = encode(value, what)
  checkPayloadSize(json, what)
  return { type, tenant: event.tenant ?? tenant, audience: normalizeAudience(event.audience), json }
}

function stopped(): GestaError {
  return new GestaError('app_stopped', 'The fanout was closed, so it takes no clients. Connect to another process.')
}
