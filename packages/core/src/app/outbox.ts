// The outbox as a started app has it: a relay where there is a broker to send to, and what operators ask and do.
import { startOutboxRelay } from '../delivery/outbox-relay.ts'
import type { OutboxRelay, OutboxRelayStatus } from '../delivery/outbox-relay.ts'
import { outboxSettings } from '../delivery/outbox-relay-options.ts'
import type { OutboxOptions, OutboxSettings } from '../delivery/outbox-relay-options.ts'
import type { Registry } from '../registry/registry.ts'
import type { Role } from '../contracts/messages.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import type { HeldFilter, HeldMessage, MessagePlace } from '../stores/outbox/outbox-store.ts'
import type { Page, PageRequest } from '../stores/store.ts'
import { openBroker } from './open-broker.ts'
import type { AppBroker } from './open-broker.ts'

/** How far the relay is, whichever process runs it. */
export interface OutboxInfo {
  /** Held messages that wait for another attempt. */
  readonly waiting: number
  /** Held messages that were given up. */
  readonly dead: number
  /** Commits from the first one whose messages were neither sent nor held, to the last one of the log; 0 when there is none. */
  readonly commitsBehind: number
  /** Microseconds UTC: when the oldest message that was not sent and is not dead was recorded; absent when there is none. */
  readonly oldestUs: number | undefined
}
/**
 * What operators do with messages that were not sent. Whoever holds the app may use all of it: no permission is checked here.
 * Errors: `store_*`. Reference: docs/reference/outbox.md.
 */
export interface AppOutbox {
  info(): Promise<OutboxInfo>
  /** Held messages, in order. Errors: also `invalid_key`, `invalid_cursor`; a `RangeError` for the page. */
  list(filter?: HeldFilter, page?: PageRequest): Promise<Page<HeldMessage>>
  /** Dead messages are sent again, without attempts; how many. Others are left alone. */
  requeue(which: readonly MessagePlace[] | HeldFilter): Promise<number>
  /** Dead messages are dropped for good; how many. */
  discard(places: readonly MessagePlace[]): Promise<number>
  /** Sent messages that are still kept are sent again, of commits in a range of positions, both included; how many. */
  resend(range: { readonly fromPosition: number; readonly toPosition: number }): Promise<number>
  /** The relay of this process; absent when it has none. */
  readonly relay: OutboxRelayStatus | undefined
}
export interface OpenedOutbox extends AsyncDisposable {
  readonly outbox: AppOutbox
}
export interface OutboxParts {
  readonly name: string
  readonly role: Role | undefined
  readonly broker: AppBroker | undefined
  readonly options: OutboxOptions | undefined
  readonly backend: OpenBackend
  readonly registry: Registry
}

/** Starts the relay, if there is one to start. Errors: plain ones for options. */
export function openOutbox(parts: OutboxParts, runtime: BackendRuntime): OpenedOutbox {
  const { name, backend, broker: given, options = {} } = parts
  const { outbox } = backend
  const settings = outboxSettings(options, name)
  const relaying = given === undefined ? undefined : relayTo(given, parts, settings, runtime)
  const changing = async (change: Promise<number>): Promise<number> => {
    const count = await change
    if (count > 0) relaying?.relay.wake()
    return count
  }
  const { clock } = runtime
  return {
    outbox: {
      info: async () => infoOf(backend),
      list: async (filter = {}, page) => outbox.list(filter, page),
      requeue: async (which) => changing(outbox.requeue(which, clock.nowUs())),
      discard: async (places) => outbox.discard(places),
      resend: async (range) => changing(outbox.resend(range, clock.nowUs())),
      get relay() {
        return relaying?.relay.status
      },
    },
    [Symbol.asyncDispose]: async () => {
      await relaying?.relay[Symbol.asyncDispose]()
      await relaying?.broker[Symbol.asyncDispose]()
    },
  }
}

/** A relay in the processes that have one: of a store that may be changed, without a role or with the role `worker`. */
function relayTo(
  given: AppBroker,
  parts: OutboxParts,
  settings: OutboxSettings,
  runtime: BackendRuntime,
): { readonly relay: OutboxRelay; readonly broker: AsyncDisposable } | undefined {
  const { role, registry, backend } = parts
  if (backend.readOnly === true || (role !== undefined && role !== 'worker')) return undefined
  const broker = openBroker(given, runtime)
  const { outbox, events, leases } = backend
  return { broker, relay: startOutboxRelay({ outbox, events, leases, broker, registry, settings, runtime }) }
}

async function infoOf({ outbox, commandLog }: OpenBackend): Promise<OutboxInfo> {
  const [first] = await outbox.after(await outbox.cursor(), 1)
  const [last] = first === undefined ? [] : (await commandLog.list({ order: 'newest' }, { limit: 1 })).items
  const [held] = (await outbox.list({ state: 'waiting' }, { limit: 1 })).items
  const times = [first, held].flatMap((message) => message?.recordedAt ?? [])
  return {
    waiting: await outbox.total({ state: 'waiting' }),
    dead: await outbox.total({ state: 'dead' }),
    commitsBehind: first === undefined || last?.commitNo === undefined ? 0 : last.commitNo - first.commitNo + 1,
    oldestUs: times.length === 0 ? undefined : Math.min(...times),
  }
}
