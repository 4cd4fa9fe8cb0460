// Group commit: commits that wait are written together, so that one flush of the disk pays for many. Every durable adapter
// writes through this queue. What may go into a group is decided in commit-lines.ts; here is when it goes and what its members hear.
import { findGestaError, GestaError } from '../../errors/gesta-error.ts'
import type { Commit, Verdict } from '../commit.ts'
import { checkCommit } from './check-commit.ts'
import { createCommitLines } from './commit-lines.ts'
import type { WaitingCommit } from './commit-lines.ts'
import type { AppendListener, CommitOptions, StoredCommit } from './event-store.ts'

export interface CommitQueueOptions {
  /**
   * Stores a group in one transaction and answers one verdict per commit, in their order. It rejects when nothing of the group was
   * stored; the members are then written one by one, so that a member that the database refuses harms no neighbour.
   * `outcome_unknown` and `store_closed` are not tried again: the adapter has done what can be done. Nor is what `meetsAll` is true for.
   */
  write(group: readonly Commit[]): Promise<readonly Verdict[]>
  /** Commits in a group, at most; default 512. */
  readonly groupMax?: number | undefined
  /** Characters of payload in a group, at most, unless one commit alone has more; default 8,388,608. */
  readonly groupCharactersMax?: number | undefined
  /** Groups that are being written at the same time; default 2: one is written while the next one is on its way. */
  readonly inFlightMax?: number | undefined
  /** Milliseconds of a monotonic clock, for measuring writes; without it all that waits goes into one group. */
  readonly nowMs?: (() => number) | undefined
  /** Whether an error of `write` would meet each member alone too, such as a server that is away; default: no. */
  readonly meetsAll?: ((error: unknown) => boolean) | undefined
}

/**
 * Callers that were answered together come back together, so one group would hold them all, and callers and store would wait for
 * each other in turns. Two halves keep both busy, for the price of one more flush: that pays while a commit's share of a write
 * is less than about what its caller takes to give the next one. A slow disk gets whole groups.
 */
const halvedFrom = 32
const quickMsPerCommit = 0.03

/** Commits on their way to a store. Admission is being taken into a group: until then a commit waits, and its signal can call it back. */
export interface CommitQueue extends AsyncDisposable {
  commit(commit: Commit, options?: CommitOptions): Promise<Verdict>
  onAppend(listener: AppendListener): Disposable
  /** Commits that wait for admission. */
  waiting(): number
}

/** A queue in front of one store. Disposing it waits for everything that was given and refuses what comes later. */
export function createCommitQueue({
  write,
  groupMax = 512,
  groupCharactersMax = 8_388_608,
  inFlightMax = 2,
  nowMs,
  meetsAll = () => false,
}: CommitQueueOptions): CommitQueue {
  const lines = createCommitLines({ groupMax, groupCharactersMax })
  const listeners = new Set<AppendListener>()
  let inFlight = 0
  let isQuick = false
  let planned = false
  let closed = false
  const drained: (() => void)[] = []

  /**
   * Groups leave at the end of the microtasks that run now: callers that were answered together give their next commits together,
   * and these belong in one group. An idle store still writes at once; there is no timer.
   */
  const plan = (): void => {
    if (planned || inFlight >= inFlightMax) return
    planned = true
    queueMicrotask(send)
  }

  const send = (): void => {
    planned = false
    while (inFlight < inFlightMax && lines.waiting() > 0) {
      const isAlone = inFlight === 0
      const group = lines.takeGroup(isAlone && isQuick ? half(lines.waiting(), groupMax) : groupMax)
      inFlight += 1
      void writeGroup(group, written(group.length, isAlone)).finally(goOn)
    }
  }

  const goOn = (): void => {
    if (lines.waiting() > 0) plan()
    else if (inFlight === 0) for (const done of drained.splice(0)) done()
  }

  /**
   * What is done before the members of a group hear of it, because they may give their next commits at once. A group that was alone tells
   * what a write costs; others wait for the one before them.
   */
  const written = (size: number, isAlone: boolean): (() => void) => {
    const begunMs = nowMs?.() ?? 0
    return () => {
      inFlight -= 1
      if (isAlone && nowMs !== undefined) isQuick = (nowMs() - begunMs) / size < quickMsPerCommit
    }
  }

  const writeGroup = async (group: readonly WaitingCommit[], done?: () => void): Promise<void> => {
    let verdicts: readonly Verdict[]
    try {
      verdicts = await write(group.map(({ commit }) => commit))
    } catch (error) {
      const code = findGestaError(error)?.code
      const meetsEach = group.length === 1 || code === 'outcome_unknown' || code === 'store_closed' || meetsAll(error)
      if (!meetsEach) for (const member of group) await writeGroup([member])
      done?.()
      if (meetsEach) for (const member of group) member.reject(error)
      return
    }
    if (listeners.size > 0) notify(group, verdicts)
    done?.()
    for (let index = 0; index < group.length; index += 1)
      (group[index] as WaitingCommit).resolve(verdicts[index] as Verdict)
  }

  const notify = (group: readonly WaitingCommit[], verdicts: readonly Verdict[]): void => {
    const stored: StoredCommit[] = []
    for (const [index, verdict] of verdicts.entries()) {
      if (verdict.verdict === 'stored')
        stored.push({ commit: (group[index] as WaitingCommit).commit, receipt: verdict })
    }
    if (stored.length > 0) for (const listener of listeners) tell(listener, stored)
  }

  return {
    commit: (commit, options) =>
      new Promise((resolve, reject) => {
        if (closed) throw storeClosed()
        options?.signal?.throwIfAborted()
        const characters = checkCommit(commit)
        const mayWait = inFlight >= inFlightMax || lines.waiting() >= groupMax
        const signal = options?.signal
        lines.add({ commit, characters, resolve, reject, bulk: options?.lane === 'bulk', signal }, mayWait)
        plan()
      }),
    onAppend: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    waiting: () => lines.waiting(),
    [Symbol.asyncDispose]: async () => {
      closed = true
      if (inFlight > 0 || lines.waiting() > 0) await new Promise<void>((resolve) => drained.push(resolve))
      listeners.clear()
    },
  }
}

function tell(listener: AppendListener, stored: readonly StoredCommit[]): void {
  try {
    listener(stored)
  } catch {
    // What is stored is answered, whatever a listener makes of it; readers find by reading what they missed.
  }
}

function half(waiting: number, groupMax: number): number {
  return waiting < halvedFrom ? groupMax : Math.min(groupMax, Math.ceil(waiting / 2))
}

/** The error of a store that was closed. */
export function storeClosed(): GestaError {
  return new GestaError(
    'store_closed',
    'Expected the store to be open, but it was closed. Finish what runs before closing it, or open it again.',
  )
}
