// The copy of an app's command log in another store: read in commit order, told by command id, by one process at a time. Telling a
// record twice is harmless, so all that has to be known after a restart is a place that is early enough.
import { createWakeUp } from '../delivery/outbox-relay-wake.ts'
import { redactError } from '../errors/redact-error.ts'
import type { Ids } from '../ids/ids.ts'
import { createOwnership } from '../pump/ownership.ts'
import type { Held } from '../pump/ownership.ts'
import type { CommandLog } from '../stores/command-log/command-log.ts'
import type { CommandLogStore } from '../stores/command-log/command-log-store.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { LeaseStore } from '../stores/lease/lease-store.ts'
import type { Alarms } from '../time/alarms.ts'
import { backoffMs } from '../time/backoff.ts'
import { pause } from '../time/unless-aborted.ts'
import type { CopyStatus } from './command-log-status.ts'
import { recordRecords } from './record-records.ts'

export interface CopyParts {
  readonly from: CommandLog
  /** Opens the target, for as long as this process is the one that writes it. Errors: `store_*`; opening is tried again later. */
  readonly open: () => Promise<CommandLogStore>
  /** Whose commits are news. */
  readonly events: EventStore
  readonly leases: LeaseStore
  readonly alarms: Alarms
  readonly ids: Ids
  readonly settings?: Partial<CopySettings> | undefined
}
export interface CopySettings {
  /** Records that are told at once. */
  readonly batchMax: number
  /** How long a process that died keeps others from going on. */
  readonly leaseMs: number
  /** The longest wait for what nobody told of. */
  readonly pollMs: number
  /** What news wait for company: one question for many commits. */
  readonly gatherMs: number
  /** How long a stop waits for the batch that is on its way. */
  readonly drainMs: number
}
/** Disposing of it waits for the batch that is on its way; what is missing follows after the next start. */
export interface Copy extends AsyncDisposable {
  status(): CopyStatus
}

const leaseName = 'Gesta.CommandLogCopy'
const defaults: CopySettings = { batchMax: 500, leaseMs: 15_000, pollMs: 1_000, gatherMs: 20, drainMs: 5_000 }
const backoff = { firstMs: 50, maxMs: 5_000 }
/** Records of the copy that are looked up in the log before it is copied from its start. */
const lookedUpMax = 1_000

/** Starts to copy. Nothing that fails ends it, only disposing does. Reference: docs/reference/command-log.md. */
export function startCopy(parts: CopyParts): Copy {
  const { from, open, events, leases, alarms, ids } = parts
  const { batchMax, leaseMs, pollMs, gatherMs, drainMs } = { ...defaults, ...parts.settings }
  const { clock } = alarms
  const stop = new AbortController()
  let active = false
  let commitNo = 0
  let trouble: string | undefined
  let refused: string | undefined
  let owned: Held | undefined
  const note = (cause: unknown): void => void (trouble = redactError(cause))
  const refuse = (_: unknown, cause: unknown): void => void (refused = redactError(cause))
  const wakeUp = createWakeUp(events, alarms, () => true)
  const ownership = createOwnership({ name: leaseName, leases, leaseMs, alarms, ids, onTrouble: note })

  /** Copies one batch. Whether there may be more. `mayWrite` is asked last: what came before may have taken long. */
  const copyBatch = async (to: CommandLogStore, mayWrite: () => boolean): Promise<boolean> => {
    const page = await from.list({ order: 'oldest', afterCommitNo: commitNo }, { limit: batchMax })
    if (!mayWrite()) return true
    if (page.items.length > 0) await recordRecords(to, page.items, refuse)
    commitNo = page.items.at(-1)?.commitNo ?? commitNo
    return page.cursor !== undefined
  }
  /** Until the lease is lost or the copy stopped. Never rejects. */
  const copy = async (held: Held): Promise<void> => {
    const leaving = AbortSignal.any([stop.signal, held.lost])
    const mayWrite = (): boolean => !leaving.aborted && held.isHeld()
    let to: CommandLogStore | undefined
    let placed = false
    for (let failures = 0; mayWrite();) {
      try {
        wakeUp.begin()
        to ??= await open()
        // Another process may have written since this one did, so each tenure asks the copy itself. A batch that was given to the
        // target by halves is told again.
        if (!placed) commitNo = Math.max(0, (await lastCopied(from, to)) - batchMax)
        placed = true
        const more = await copyBatch(to, mayWrite)
        active = true
        failures = 0
        trouble = undefined
        if (more) continue
        await wakeUp.wait(pollMs, leaving)
        await pause(clock, gatherMs, leaving).catch(() => undefined)
      } catch (cause) {
        if (leaving.aborted) break
        note(cause)
        failures += 1
        await pause(clock, backoffMs(backoff, failures, ids.random), leaving).catch(() => undefined)
      }
    }
    try {
      await to?.[Symbol.asyncDispose]()
    } catch (cause) {
      note(cause)
    }
  }
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      owned = await ownership.take(stop.signal).catch(() => undefined)
      if (owned === undefined) break
      await copy(owned)
      active = false
      await owned.release()
      owned = undefined
    }
  }
  const running = run()

  return {
    status: () => ({ active, commitNo, lastError: trouble ?? refused }),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const alarm = alarms.set(clock.monotonicUs() + drainMs * 1000, resolve)
      await Promise.race([running, late])
      alarm.cancel()
      // What was not waited for must not go on prolonging the lease.
      void owned?.release()
      wakeUp[Symbol.dispose]()
    },
  }
}

/**
 * The commit of the newest record that both have; 0 when the copy has none. The log is asked, because a copy has no commit numbers,
 * and because a log that was restored from a backup numbers its commits anew.
 */
async function lastCopied(from: CommandLog, to: CommandLogStore): Promise<number> {
  let cursor: string | undefined
  for (let lookedUp = 0; lookedUp < lookedUpMax;) {
    const page = await to.list({ order: 'newest' }, { limit: 100, cursor })
    for (const { tenant, commandId } of page.items) {
      const record = await from.get(tenant, commandId)
      if (record?.commitNo !== undefined) return record.commitNo
    }
    cursor = page.cursor
    lookedUp += page.items.length
    if (cursor === undefined) return 0
  }
  return 0
}
