// One run of a subscriber for one event: what it may do meanwhile, and that it is over only when everything is that it sent.
import type { Engine } from '../dispatch/engine.ts'
import { query } from '../dispatch/query.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { isGestaError } from '../errors/gesta-error.ts'
import { deadline } from '../time/deadline.ts'
import type { Deadline } from '../time/deadline.ts'
import { sentCommandId } from './occasion.ts'
import type { Occasion } from './occasion.ts'
import { dispatchInRounds } from './sent-command.ts'
import type { EventContext, Run } from './subscriber.ts'

export interface RunParts {
  readonly engine: Engine
  /** The subscriber's name. */
  readonly name: string
  readonly occasion: Occasion
  readonly attempt: number
  readonly signal: AbortSignal
}

/** Runs functions one after the other. Errors: what they throw, unchanged. */
export async function runSubscriber(parts: RunParts, runs: readonly Run[]): Promise<void> {
  // The signal that a function sees is its own: its listeners end with the run.
  const limit = deadline(parts.engine.alarms, undefined, parts.signal)
  const scope = createScope(parts, limit)
  try {
    for (const run of runs) await run(parts.occasion.data, scope.context)
    const lost = await scope.close()
    if (lost !== undefined) throw lost.cause
  } finally {
    await scope.close()
    limit.release()
  }
}

function createScope(
  { engine, name, occasion, attempt, signal }: RunParts,
  limit: Deadline,
): { readonly context: EventContext<unknown>; close(): Promise<{ readonly cause: unknown } | undefined> } {
  const { event, context, place } = occasion
  const sending = new Set<Promise<unknown>>()
  let sent = 0
  let open = true
  const failed: { readonly cause: unknown; isAwaited(): boolean }[] = []
  const send = (type: string, work: () => Promise<unknown>): Promise<unknown> => {
    if (!open)
      return Promise.reject(
        new Error(`The subscriber ${name} sends ${type} after its run has ended. Await everything in it.`),
      )
    const going = work()
    const { promise, isAwaited } = watched(going)
    const done = going.then(
      () => void sending.delete(done),
      (cause: unknown) => {
        sending.delete(done)
        failed.push({ cause, isAwaited })
      },
    )
    sending.add(done)
    return promise
  }
  return {
    context: {
      event,
      context,
      attempt,
      get signal() {
        return limit.signal
      },
      dispatch: (command, options = {}) => {
        const index = sent++
        const idOf = (round: number): string => sentCommandId(engine.store.identity, name, occasion, index, round)
        const own = { ...options, context: { ...context, ...options.context }, signal }
        return send(command.type, () => dispatchInRounds(engine, command, own, idOf)) as never
      },
      query: (message, options = {}) => {
        const after = options.after ?? (place && engine.tokens.token(place.position, place.commandId))
        const own = { ...options, after, context: { ...context, ...options.context }, signal }
        return send(message.type, async () => (await query(engine, message, own)).result) as never
      },
    },
    close: async () => {
      open = false
      // What nobody awaited must not outlive the run: it would be lost when the place of the subscriber has moved on.
      while (sending.size > 0) await Promise.all(sending)
      // Nor may it fail unseen.
      return failed.find(({ isAwaited }) => !isAwaited())
    },
  }
}

/** What `going` becomes, and whether anybody asked for it. */
function watched(going: Promise<unknown>): { readonly promise: Promise<unknown>; isAwaited(): boolean } {
  let awaited = false
  const mark = (): Promise<unknown> => {
    awaited = true
    return going
  }
  return {
    // No instance of Promise: `await` would ask one without calling its methods.
    promise: {
      // oxlint-disable-next-line unicorn/no-thenable
      then: (resolved, rejected) => mark().then(resolved, rejected),
      catch: (rejected) => mark().catch(rejected),
      finally: (ended) => mark().finally(ended),
      [Symbol.toStringTag]: 'Promise',
    },
    isAwaited: () => awaited,
  }
}

const awayCodes: readonly ErrorCode[] = [
  'store_unavailable',
  'store_locked',
  'broker_unavailable',
  'outcome_unknown',
  'overloaded',
]

/** Whatever could not be reached has not refused the event: that is no failed run, however often it happens. */
export function isAway(cause: unknown): boolean {
  return awayCodes.some((code) => isGestaError(cause, code))
}
