// One run of a subscriber for one event: what it may do meanwhile, and that it is over only when everything is that it sent.
import type { Engine } from '../dispatch/engine.ts'
import { query } from '../dispatch/query.ts'
import { createSending } from '../dispatch/sending.ts'
import type { Sending } from '../dispatch/sending.ts'
import { dispatchInRounds, sentCommandId } from '../dispatch/sent-command.ts'
import { tracedApart } from '../dispatch/traced.ts'
import { deadline } from '../time/deadline.ts'
import type { Deadline } from '../time/deadline.ts'
import { senderName } from './occasion.ts'
import type { Occasion } from './occasion.ts'
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
  const sending = createSending(`The subscriber ${parts.name}`)
  const { engine, name, occasion } = parts
  try {
    await tracedApart(engine.tracing, 'subscriber', name, occasion.context, async (context) => {
      const given = contextOf({ ...parts, occasion: { ...occasion, context } }, limit, sending)
      for (const run of runs) await run(occasion.data, given)
    })
    const lost = await sending.close()
    if (lost !== undefined) throw lost.cause
  } finally {
    await sending.close()
    limit.release()
  }
}

function contextOf({ engine, name, occasion, attempt, signal }: RunParts, limit: Deadline, sending: Sending): Context {
  const { event, context, place } = occasion
  let sent = 0
  return {
    event,
    context,
    attempt,
    get signal() {
      return limit.signal
    },
    dispatch: (command, options = {}) => {
      const sender = senderName(name, occasion, sent++)
      const idOf = (round: number): string => sentCommandId(engine.store.identity, sender, round)
      const own = { ...options, context: { ...context, ...options.context }, signal }
      return sending.send(command.type, () => dispatchInRounds(engine, command, own, idOf)) as never
    },
    query: (message, options = {}) => {
      const after = options.after ?? (place && engine.tokens.token(place.position, place.commandId))
      const own = { ...options, after, context: { ...context, ...options.context }, signal }
      return sending.send(message.type, async () => (await query(engine, message, own)).result) as never
    },
  }
}
type Context = EventContext<unknown>
