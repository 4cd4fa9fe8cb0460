// How something gets to a process: as the command of its process manager, decided once however often it is told.
import { dispatchOnce, sentCommandId } from '../dispatch/sent-command.ts'
import type { Engine } from '../dispatch/engine.ts'
import { ProcessWaits, reactMessage } from '../process-managers/process-handler.ts'
import type { ProcessManagerParts } from '../process-managers/process-manager-parts.ts'
import type { Reaction, ReactInput } from '../process-managers/react.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { systemContext } from '../request-context/system-context.ts'

interface Told extends ReactInput {
  readonly context: RequestContext
  readonly signal?: AbortSignal | undefined
  /** What tells it apart from everything else that is told to this process manager. */
  readonly occasion: readonly (string | number)[]
}
export type TellProcess = (manager: ProcessManagerParts, told: Told) => Promise<Reaction>

/** `engine`: one that asks for no permission, because nobody but gesta can send what it sends here. */
export function createReactions(engine: () => Engine): TellProcess {
  return async (manager, { context, signal, occasion, ...input }) => {
    const { store } = engine()
    const idOf = (round: number): string => sentCommandId(store.identity, ['process', manager.name, ...occasion], round)
    const options = { context: actingContext(manager, context), ...(signal !== undefined && { signal }) }
    let reaction: Reaction = 'done'
    const onReaction = (last: Reaction): void => void (reaction = last)
    try {
      // Nothing comes back when it was decided before by another version of the app, with another key or on behalf of somebody else.
      const outcome = await dispatchOnce(engine(), reactMessage(manager, input, onReaction), options, idOf)
      return outcome === undefined ? 'done' : reaction
    } catch (cause) {
      if (cause instanceof ProcessWaits) return 'waiting'
      throw cause
    }
  }
}

/** On whose behalf a process manager sends. */
export function actingContext(
  manager: Pick<ProcessManagerParts, 'actor'> | undefined,
  context: RequestContext,
): RequestContext {
  if (manager?.actor !== 'system') return context
  return { ...context, impersonator: undefined, ...systemContext(tenantOf(context)) }
}
