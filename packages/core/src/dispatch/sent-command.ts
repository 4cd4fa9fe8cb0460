// A command that must be decided once, however often it is sent. An attempt that decided nothing keeps its id in the command log, so each
// one has the next id of a fixed chain: the first id that is free, or has a decision, is found again by every run in every process.
import { hash } from 'node:crypto'
import { findGestaError } from '../errors/gesta-error.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { LogIdentity } from '../stores/event/event-store.ts'
import type { AnyOutcome, Engine } from './engine.ts'
import { dispatch } from './dispatch.ts'
import type { DispatchOptions } from './options.ts'
import { isDecision } from './recall.ts'

type Sent = DispatchOptions & { readonly context: RequestContext }

/**
 * The id of a command that `sender` sends: the same in every process and every run. `round` counts the attempts of it that are recorded
 * and decided nothing. Keyed, so that no caller who may choose an id can take it before.
 */
export function sentCommandId({ secret }: LogIdentity, sender: readonly (string | number)[], round: number): string {
  const rounds = round === 0 ? [] : [round]
  return `sent-${hash('sha256', JSON.stringify([secret, ...sender, ...rounds]), 'base64url')}`
}

/** `idOf`: the chain, from 0. Errors: as for any dispatch, without `command_settled`. */
export async function dispatchInRounds(
  engine: Engine,
  command: { readonly type: string; readonly data: unknown },
  options: Sent,
  idOf: (round: number) => string,
): Promise<AnyOutcome> {
  const isSpent = async (round: number): Promise<boolean> => {
    const header = await engine.store.header(tenantOf(options.context), idOf(round))
    return header !== undefined && !isDecision(header.outcome)
  }
  for (let round = 0; ; round = await firstUnspent(round, isSpent)) {
    const commandId = idOf(round)
    try {
      return await dispatch(engine, command, { ...options, commandId })
    } catch (cause) {
      // A conflict too: what the attempt asked for may have been mended since.
      if (!isOf(cause, commandId) || !(await isSpent(round))) throw cause
    }
  }
}

/**
 * As `dispatchInRounds`, of a command whose first decision is enough, whatever else it says now: `undefined` when it was decided with other
 * content before. Errors: as there, and `command_conflict` only about ids of other commands, such as one that a handler has failed with.
 */
export async function dispatchOnce(
  ...[engine, command, options, idOf]: Parameters<typeof dispatchInRounds>
): Promise<AnyOutcome | undefined> {
  const sent = new Set<unknown>()
  const own = (round: number): string => {
    const commandId = idOf(round)
    sent.add(commandId)
    return commandId
  }
  try {
    return await dispatchInRounds(engine, command, options, own)
  } catch (cause) {
    if (sent.has(findGestaError(cause, 'command_conflict')?.facts['commandId'])) return undefined
    throw cause
  }
}

function isOf(cause: unknown, commandId: string): boolean {
  const refused = findGestaError(cause, 'command_settled') ?? findGestaError(cause, 'command_conflict')
  return refused?.facts['commandId'] === commandId
}

/** The first round after `spent` that is not: rounds are spent in their order, so a search by halves finds it. */
async function firstUnspent(spent: number, isSpent: (round: number) => Promise<boolean>): Promise<number> {
  let low = spent
  let high = spent + 1
  while (await isSpent(high)) [low, high] = [high, high * 2]
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2)
    if (await isSpent(middle)) low = middle
    else high = middle
  }
  return high
}
