// The relay: sends what commits have stored in the outbox, in order per key, at least once. One process of all has it at a time;
// what it has done is settled under the token of its lease, so that one that was overtaken changes nothing any more.
import { redactError } from '../errors/redact-error.ts'
import { createOwnership } from '../pump/ownership.ts'
import type { Held } from '../pump/ownership.ts'
import type { Broker } from '../registry/delivery-ports.ts'
import type { Registry } from '../registry/registry.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { LeaseStore } from '../stores/lease/lease-store.ts'
import type { OutboxStore } from '../stores/outbox/outbox-store.ts'
import { createAlarms } from '../time/alarms.ts'
import { backoffMs } from '../time/backoff.ts'
import { onAbort } from '../time/on-abort.ts'
import { pause } from '../time/unless-aborted.ts'
import { createOutboxLook } from './outbox-relay-look.ts'
import type { OutboxSettings } from './outbox-relay-options.ts'
import { createWakeUp } from './outbox-relay-wake.ts'

export interface OutboxRelayStatus {
  /**
   * `standby`: another process relays. `live`: this one does. `retrying`: it does, and waits for a broker or store that is away.
   * `stopped`: nothing is sent from here any more.
   */
  readonly state: 'standby' | 'live' | 'retrying' | 'stopped'
  /** Messages since the start: sent; held for another attempt, each time; given up. */
  readonly sent: number
  readonly held: number
  readonly dead: number
  /** What went wrong last, as codes and names. */
  readonly lastError: string | undefined
}
/** Disposing of it waits for what is on its way, within the drain's bound. */
export interface OutboxRelay extends AsyncDisposable {
  readonly status: OutboxRelayStatus
  /** Looks at the outbox now: something was requeued. */
  wake(): void
}
export interface OutboxRelayParts {
  readonly outbox: OutboxStore
  readonly events: EventStore
  readonly leases: LeaseStore
  readonly broker: Broker
  /** Whose observer is told. */
  readonly registry: Registry
  readonly settings: OutboxSettings
  readonly runtime: BackendRuntime
  /** Ends it at once, without waiting for what is on its way. */
  readonly signal?: AbortSignal | undefined
}

const leaseName = 'Gesta.Outbox'
const storeBackoff = { firstMs: 50, maxMs: 5_000 }

/** Starts a relay. Nothing that fails ends it, only disposing does. Reference: docs/reference/outbox.md. */
export function startOutboxRelay(parts: OutboxRelayParts): OutboxRelay {
  const { events, leases, settings, runtime } = parts
  const { clock, ids } = runtime
  const alarms = createAlarms(clock)
  const stop = new AbortController()
  const cancel = new AbortController()
  const counts = { sent: 0, held: 0, dead: 0 }
  let state: OutboxRelayStatus['state'] = 'standby'
  let lastError: string | undefined
  let owned: Held | undefined
  const note = (cause: unknown): void => void (lastError = redactError(cause))
  const wakeUp = createWakeUp(events, alarms)
  const ownership = createOwnership({
    name: leaseName,
    leases,
    leaseMs: settings.leaseMs,
    alarms,
    ids,
    onTrouble: note,
  })

  /** Until the lease is lost, a settlement is refused, or the relay is stopped. Whether it was refused. Never rejects. */
  const relay = async (held: Held): Promise<boolean> => {
    const isOpen = (): boolean => !stop.signal.aborted && held.isHeld()
    const leaving = AbortSignal.any([stop.signal, held.lost])
    const ending = AbortSignal.any([cancel.signal, held.lost])
    const { fencingToken, isHeld } = held
    const onBroker = (isAway: boolean): void => void (state = isAway ? 'retrying' : 'live')
    const tenure = { alarms, fencingToken, counts, isHeld, isOpen, leaving, ending, onBroker, onTrouble: note }
    const look = createOutboxLook({ ...parts, ...tenure })
    for (let failures = 0; ;) {
      try {
        wakeUp.begin()
        const looked = await look()
        failures = 0
        if (looked === 'refused' || !isOpen()) return looked === 'refused'
        state = 'live'
        if (looked !== 'more') await wakeUp.wait(looked, leaving)
      } catch (cause) {
        if (!isOpen()) return false
        note(cause)
        state = 'retrying'
        failures += 1
        await pause(clock, backoffMs(storeBackoff, failures, ids.random), leaving).catch(() => undefined)
      }
    }
  }
  const run = async (): Promise<void> => {
    for (let refusals = 0; !stop.signal.aborted;) {
      state = 'standby'
      owned = await ownership.take(stop.signal).catch(() => undefined)
      if (owned === undefined) break
      refusals = (await relay(owned)) ? refusals + 1 : 0
      await owned.release()
      owned = undefined
      const waitMs = refusals === 0 ? 0 : backoffMs(storeBackoff, refusals, ids.random)
      await pause(clock, waitMs, stop.signal).catch(() => undefined)
    }
    state = 'stopped'
  }
  const end = (): void => {
    stop.abort()
    cancel.abort()
  }
  const place = parts.signal && onAbort(parts.signal, end)
  if (parts.signal?.aborted === true) end()
  const running = run()

  return {
    get status() {
      return { state, ...counts, lastError }
    },
    wake: wakeUp.wake,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const afterDrain = (drains: number, ring: () => void) =>
        alarms.set(clock.monotonicUs() + settings.drainMs * drains * 1000, ring)
      afterDrain(1, () => cancel.abort())
      // As long again for a store that does not answer.
      afterDrain(2, resolve)
      await Promise.race([running, late])
      cancel.abort()
      // What was not waited for must not go on prolonging the lease.
      void owned?.release()
      place?.leave()
      wakeUp[Symbol.dispose]()
      alarms[Symbol.dispose]()
    },
  }
}
