// What the cases of this suite are written with: a hub, clients of it, and what clients hear.
import assert from 'node:assert/strict'
import type { FanoutClientOptions, FanoutHub } from '../../delivery/fanout-hub.ts'
import type { FanoutOptions } from '../../delivery/fanout-options.ts'
import type { Envelope } from '../../registry/envelope.ts'
import { emptyContext } from '../../request-context/request-context.ts'
import type { RequestContext } from '../../request-context/request-context.ts'
import type { BackendRuntime } from '../../stores/backend.ts'
import type { Case } from '../suite.ts'

/** `stalls`: a client can stop reading and keep its connection. */
export type FanoutCapability = 'stalls'

/** What comes out of a stream. `undefined` as a reason: the stream was cut without a word. */
export type Heard =
  | { readonly kind: 'open'; readonly id: string | undefined }
  | { readonly kind: 'heartbeat'; readonly id: string | undefined }
  | { readonly kind: 'event'; readonly id: string; readonly type: string; readonly data: unknown }
  | { readonly kind: 'resync'; readonly id: string; readonly reason: string }
  | { readonly kind: 'end'; readonly reason: string | undefined }

/** A client, as whoever uses the stream sees it. */
export interface Listener {
  /** The next thing that comes. */
  next(): Promise<Heard>
  /** Reads nothing more, and keeps the connection. Called for `stalls`. */
  stall(): void
  /** Ends the connection from this side. */
  leave(): Promise<void>
}
/** Who connects. A transport that authenticates makes a caller of it. */
export type Asking = Omit<FanoutClientOptions, 'format'>
export interface OpenFanout extends AsyncDisposable {
  readonly hub: FanoutHub
  /** Connects. Rejects with what the transport makes of a refusal: something with the hub's `code`. */
  connect(asking: Asking): Promise<Listener>
}
export interface FanoutPlace {
  /** Real clock and randomness. */
  readonly runtime: BackendRuntime
  open(options: FanoutOptions): Promise<OpenFanout>
}
export interface GivenFanout extends Pick<FanoutPlace, 'runtime'> {
  /** Opens a hub with these bounds, which is closed after the case. */
  open(options?: FanoutOptions): Promise<OpenFanout>
}
export type FanoutCase = Case<GivenFanout, FanoutCapability>

/** Keeps what a client hears until somebody asks for it: for the adapters of transports. */
export interface Hearing extends Pick<Listener, 'next'> {
  hear(heard: Heard): void
}
export function createHearing(): Hearing {
  const heard: Heard[] = []
  let wake: (() => void) | undefined
  return {
    hear: (one) => {
      heard.push(one)
      wake?.()
    },
    next: async () => {
      for (;;) {
        const first = heard.shift()
        if (first !== undefined) return first
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}

/** A presentation event with this number. */
export function shown(n: number, fields: Partial<Envelope> = {}): Envelope {
  return { id: `event-${n}`, category: 'presentation', type: 'Order.Shown', value: { n }, ...fields }
}
export async function send(
  hub: FanoutHub,
  events: readonly Envelope[],
  context: RequestContext = emptyContext,
): Promise<void> {
  await hub.sendPresentationEvents(events, { context, signal: new AbortController().signal })
}
/** The next thing that is no sign of life. */
export async function hear(listener: Listener): Promise<Exclude<Heard, { kind: 'open' | 'heartbeat' }>> {
  for (;;) {
    const heard = await listener.next()
    if (heard.kind !== 'open' && heard.kind !== 'heartbeat') return heard
  }
}
/** The numbers of the next events. Fails when something else comes. */
export async function hearNumbers(listener: Listener, count: number): Promise<readonly number[]> {
  return (await hearEvents(listener, count)).map(({ n }) => n)
}
/** Numbers and ids of the next events. */
export async function hearEvents(
  listener: Listener,
  count: number,
): Promise<readonly { readonly n: number; readonly id: string }[]> {
  const events: { readonly n: number; readonly id: string }[] = []
  while (events.length < count) {
    const heard = await hear(listener)
    if (heard.kind !== 'event') assert.fail(`Expected an event, heard ${JSON.stringify(heard)}.`)
    events.push({ n: (heard.data as { readonly n: number }).n, id: heard.id })
  }
  return events
}
/** The id with which a stream opens. */
export async function openingId(listener: Listener): Promise<string> {
  const heard = await listener.next()
  assert.equal(heard.kind, 'open')
  assert.ok(heard.kind === 'open' && heard.id !== undefined)
  return heard.id
}
/** Why the stream ended, when everything that came before was heard. */
export async function hearEnd(listener: Listener): Promise<string | undefined> {
  for (;;) {
    const heard = await listener.next()
    if (heard.kind === 'end') return heard.reason
  }
}
/** Waits for a condition that the other side brings about. */
export async function until({ runtime }: Pick<GivenFanout, 'runtime'>, condition: () => boolean): Promise<void> {
  const endUs = runtime.clock.monotonicUs() + 30_000_000
  while (!condition()) {
    assert.ok(runtime.clock.monotonicUs() < endUs, 'Expected a condition to come about within 30 seconds.')
    await new Promise<void>((resolve) => void runtime.clock.after(1, resolve))
  }
}
export function numbers(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
/** Insists that connecting is refused with this code. */
export async function refusedWith(code: string, connecting: Promise<Listener>): Promise<void> {
  const error: unknown = await connecting.then(
    () => assert.fail(`Expected ${code}, but the client was connected.`),
    (reason: unknown) => reason,
  )
  assert.equal((error as { readonly code?: string }).code, code)
}
