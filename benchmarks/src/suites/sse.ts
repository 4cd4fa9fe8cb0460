// Event streams: one event to 1,000 clients in another process, against a loop over bare responses; and the median delivery of two
// hubs, one of which has a client that reads nothing.
import { setImmediate as turn } from 'node:timers/promises'
import { createFanout } from '@gesta/core/registry'
import type { FanoutHub } from '@gesta/core/registry'
import { serve } from '@gesta/http'
import { bareStream } from '../limits/bare-stream.ts'
import { startListeners } from '../load/stream-listeners.ts'
import type { StreamListeners } from '../load/stream-listeners.ts'
import { collectGarbage, medians, quantile } from '../measure.ts'
import { probeApp } from '../probe.ts'
import { rowOf } from '../row.ts'
import type { Suite } from './suite.ts'

const type = 'Order.Shown'
const path = `/api/events?types=${type}`
/** As many as are asked for, whatever the effort: the medians of single passes differ by more than what they shall show. */
const stalledPairs = 10
const stalledEvents = 40
/** Bytes of events that only the stalled client asks for: more than the system takes on the way. */
const fillBytes = 16_000_000

export const sse: Suite = async function* ({ rounds, seconds, streamClients }) {
  await using opened = new AsyncDisposableStack()
  const app = opened.use(await probeApp.start({ role: 'web' }))
  const listeners = opened.use(startListeners())
  const openStation = async (name: string): Promise<Station> => {
    const hub = opened.use(roomyHub())
    const { url } = opened.use(await serve(app, { port: 0, events: { fanout: hub } }))
    await listeners.order({ kind: 'open', name, url, path, clients: streamClients })
    return { name, hub, url }
  }
  const first = await openStation('first')
  const bare = opened.use(await bareStream())
  await listeners.order({ kind: 'open', name: 'bare', url: bare.url, path, clients: streamClients })

  const own = (events: number): Promise<number> =>
    deliveries(listeners, first.name, streamClients, events, () => sendTime(first.hub))
  const bound = (events: number): Promise<number> =>
    deliveries(listeners, 'bare', streamClients, events, async () => bare.send(bareFrame()))
  // Warm, and as many events as take about the time that was asked for.
  const events = Math.max(2, Math.round(((await own(20)) * seconds) / streamClients))
  await bound(events)
  const [owns, bounds]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) bounds.push(await bound(events))
    owns.push(await own(events))
    if (round % 2 === 1) bounds.push(await bound(events))
  }
  const figures = { ...medians(owns, bounds), p50us: undefined, p99us: undefined }
  yield rowOf('sse', `deliveries to ${streamClients} clients`, 'none', figures)

  await listeners.order({ kind: 'close', name: 'bare' })
  const second = await openStation('second')
  for (const { name } of [first, second]) await listeners.order({ kind: 'time', name })
  const [beside, alone]: [number[], number[]] = [[], []]
  for (let pair = 0; pair < stalledPairs; pair++) {
    const [held, free] = pair % 2 === 0 ? [first, second] : [second, first]
    const { heldUs, freeUs } = await besideStalled(listeners, held, free)
    beside.push(heldUs)
    alone.push(freeUs)
  }
  const perSec = (medianUs: number): number => 1_000_000 / medianUs
  yield rowOf('sse', 'median delivery beside a stalled client', 'none', {
    ...medians(beside.map(perSec), alone.map(perSec)),
    p50us: quantile(beside, 0.5),
    p99us: undefined,
  })
}

/** A hub with its server, and the name of its clients. */
interface Station {
  readonly name: string
  readonly hub: FanoutHub
  readonly url: string
}

/** The queue of the client that reads nothing must hold all that is sent meanwhile, so that it stays. */
function roomyHub(): FanoutHub {
  const never = 86_400_000
  return createFanout({
    clientsPerIdentityMax: 10_000,
    queueFramesMax: 1_000_000,
    queueBytesMax: 1_000_000_000,
    heartbeatMs: never,
    stallMs: never,
  })
}

async function send(hub: FanoutHub, name: string, value: unknown): Promise<void> {
  await hub.sendPresentationEvents([{ id: 'event', category: 'presentation', type: name, value }], {
    context: {},
    signal: new AbortController().signal,
  })
}

const sendTime = (hub: FanoutHub): Promise<void> => send(hub, type, { at: `${process.hrtime.bigint()}` })

/** The frame of the same event, with an id of the same length. */
function bareFrame(): Buffer {
  return Buffer.from(`id: ${'x'.repeat(22)}\nevent: ${type}\ndata: {"at":"${process.hrtime.bigint()}"}\n\n`)
}

/** Deliveries per second, from the first event to the arrival of the last one at the last client. */
async function deliveries(
  listeners: StreamListeners,
  name: string,
  clients: number,
  events: number,
  sendOne: () => Promise<void>,
): Promise<number> {
  collectGarbage()
  const { length } = bareFrame()
  const chunkBytes = length + length.toString(16).length + 4
  const arrived = listeners.order({ kind: 'bytes', name, bytes: clients * events * chunkBytes })
  const startedAt = performance.now()
  for (let event = 0; event < events; event++) {
    await sendOne()
    await turn()
  }
  await arrived
  return (clients * events * 1000) / (performance.now() - startedAt)
}

/** The median delivery of a hub that has a client which reads nothing, and of one that has none: event by event in turns. */
async function besideStalled(
  listeners: StreamListeners,
  held: Station,
  free: Station,
): Promise<{ readonly heldUs: number; readonly freeUs: number }> {
  await listeners.order({ kind: 'open', name: 'stalled', url: held.url, path: '/api/events', clients: 1 })
  await listeners.order({ kind: 'stall', name: 'stalled' })
  await fill(held.hub)
  collectGarbage()
  const medianUs = async ({ name, hub }: Station): Promise<number> => {
    const arrived = listeners.order({ kind: 'latencies', name, events: 1 })
    await sendTime(hub)
    return arrived
  }
  const [heldUs, freeUs]: [number[], number[]] = [[], []]
  for (let event = 0; event < stalledEvents; event++) {
    if (event % 2 === 0) heldUs.push(await medianUs(held))
    freeUs.push(await medianUs(free))
    if (event % 2 === 1) heldUs.push(await medianUs(held))
  }
  await listeners.order({ kind: 'close', name: 'stalled' })
  return { heldUs: quantile(heldUs, 0.5), freeUs: quantile(freeUs, 0.5) }
}

/** What fills the client that reads nothing: buffers of the system, then its queue. */
async function fill(hub: FanoutHub): Promise<void> {
  const value = 'x'.repeat(500_000)
  for (let bytes = 0; bytes < fillBytes; bytes += value.length) {
    await send(hub, 'Filler.Sent', value)
    await turn()
  }
}
