// Event streams: one event to 1,000 clients in another process, against a loop over bare responses; and the same with and without a
// client that reads nothing.
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

const path = '/api/events?types=Order.Shown'
/** As many as asked for, whatever the effort: the medians of single passes differ by more than what they shall show. */
const stalledPairs = 10
/** Bytes of events that only the stalled client asks for: more than the system takes on the way. */
const fillBytes = 16_000_000

export const sse: Suite = async function* ({ rounds, seconds, streamClients }) {
  // The queue of the client that reads nothing must hold all that is sent in one pass, so that it stays.
  await using hub = createFanout({
    clientsPerIdentityMax: 100_000,
    clientsMax: 100_000,
    queueFramesMax: 1_000_000,
    queueBytesMax: 1_000_000_000,
    heartbeatMs: 86_400_000,
    stallMs: 86_400_000,
  })
  await using app = await probeApp.start({ role: 'web' })
  await using served = await serve(app, { port: 0, events: { fanout: hub } })
  await using bare = await bareStream()
  using listeners = startListeners()
  const url = { hub: served.url, bare: bare.url }
  for (const name of ['hub', 'bare'] as const)
    await listeners.order({ kind: 'open', name, url: url[name], path, clients: streamClients })

  const sendOwn = (): Promise<void> => send(hub, 'Order.Shown', { at: `${process.hrtime.bigint()}` })
  const pass = (events: number, side: 'hub' | 'bare'): Promise<number> =>
    deliveries(listeners, side, streamClients, events, side === 'hub' ? sendOwn : () => bare.send(bareFrame()))
  // Warm, and as many events as take about the time that was asked for.
  const events = Math.max(2, Math.round(((await pass(20, 'hub')) * seconds) / streamClients))
  await pass(events, 'bare')
  const own: number[] = []
  const bounds: number[] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) bounds.push(await pass(events, 'bare'))
    own.push(await pass(events, 'hub'))
    if (round % 2 === 1) bounds.push(await pass(events, 'bare'))
  }
  const untimed = { p50us: undefined, p99us: undefined }
  yield rowOf('sse', `deliveries to ${streamClients} clients`, 'none', { ...medians(own, bounds), ...untimed })
  await listeners.order({ kind: 'close', name: 'bare' })

  await listeners.order({ kind: 'time', name: 'hub' })
  const latency = (): Promise<number> => medianLatency(listeners, events, sendOwn)
  const [alone, beside]: [number[], number[]] = [[], []]
  for (let pair = 0; pair < stalledPairs; pair++) {
    if (pair % 2 === 0) alone.push(await latency())
    await listeners.order({ kind: 'open', name: 'stalled', url: url.hub, path: '/api/events', clients: 1 })
    await listeners.order({ kind: 'stall', name: 'stalled' })
    await fill(hub)
    beside.push(await latency())
    await listeners.order({ kind: 'close', name: 'stalled' })
    if (pair % 2 === 1) alone.push(await latency())
  }
  const perSec = (medianUs: number): number => 1_000_000 / medianUs
  yield rowOf('sse', 'median delivery beside a stalled client', 'none', {
    ...medians(beside.map(perSec), alone.map(perSec)),
    p50us: quantile(beside, 0.5),
    p99us: undefined,
  })
}

async function send(hub: FanoutHub, type: string, value: unknown): Promise<void> {
  await hub.sendPresentationEvents([{ id: 'event', category: 'presentation', type, value }], {
    context: {},
    signal: new AbortController().signal,
  })
}

/** The frame of the same event, with an id of the same length. */
function bareFrame(): Buffer {
  return Buffer.from(`id: ${'x'.repeat(22)}\nevent: Order.Shown\ndata: {"at":"${process.hrtime.bigint()}"}\n\n`)
}

/** Deliveries per second, from the first event to the arrival of the last one at the last client. */
async function deliveries(
  listeners: StreamListeners,
  name: string,
  clients: number,
  events: number,
  sendOne: () => unknown,
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

/** Each event is sent when the one before has arrived everywhere. */
async function medianLatency(
  listeners: StreamListeners,
  events: number,
  sendOne: () => Promise<void>,
): Promise<number> {
  collectGarbage()
  const mediansUs: number[] = []
  for (let event = 0; event < events; event++) {
    const arrived = listeners.order({ kind: 'latencies', name: 'hub', events: 1 })
    await sendOne()
    mediansUs.push(await arrived)
  }
  return quantile(mediansUs, 0.5)
}

/** What fills the client that reads nothing: buffers of the system, then its queue. */
async function fill(hub: FanoutHub): Promise<void> {
  const value = 'x'.repeat(500_000)
  for (let bytes = 0; bytes < fillBytes; bytes += value.length) {
    await send(hub, 'Filler.Sent', value)
    await turn()
  }
}
