// A command that its caller named may have been decided before: then its first outcome is its only one.
import type { ContractParts } from '../contracts/contract.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { OutcomeKind, StoredHeader } from '../stores/commit.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Tokens } from '../stores/event/token.ts'
import { outcomeOf } from './engine.ts'
import type { AnyOutcome, Engine, Execution } from './engine.ts'
import type { DispatchOptions } from './options.ts'

/** The stored outcome of this command id, if there is one. Errors: as for `sameCommand`. */
export async function recall(engine: Engine, execution: Execution): Promise<AnyOutcome | undefined> {
  const header = await engine.store.header(execution.tenant, execution.commandId)
  return header && sameCommand(engine, execution, header)
}

/**
 * The outcome that a header tells to a repetition of its command: its own, or the other command's that it was given. Errors:
 * `command_conflict` for another command under the id, `command_settled` for one that stored no decision.
 */
export async function sameCommand(
  { tokens, store }: Engine,
  execution: Execution,
  header: StoredHeader,
): Promise<AnyOutcome> {
  const { commandId, commandType, outcome } = header
  if (!isSame(execution, header)) {
    // It may be somebody else's, so what came of it is not told.
    const message = `The command id ${commandId} is taken by another ${commandType}. Use a new id for a new command.`
    throw new GestaError('command_conflict', message, { facts: { commandId, commandType } })
  }
  const decided = outcome === 'duplicate' ? await firstOf(store, header) : header
  if (decided !== undefined && isDecision(decided.outcome))
    return outcomeOf(tokens, decided, decided.commandId, decided)
  const message = `The attempt ${commandId} of ${commandType} stored no decision and is recorded as ${outcome}. Use a new id to try again.`
  throw new GestaError('command_settled', message, { facts: { commandId, commandType, outcome } })
}

/** The header of the command whose outcome a duplicate was given. */
async function firstOf(store: EventStore, { tenant, answer }: StoredHeader): Promise<StoredHeader | undefined> {
  return answer === undefined ? undefined : store.header(tenant, JSON.parse(answer) as string)
}

/** Whether a command that ended so has an outcome that repetitions are told. */
export function isDecision(outcome: OutcomeKind): boolean {
  return outcome === 'accepted' || outcome === 'rejected' || outcome === 'duplicate'
}

/** A result that is stored nowhere cannot be told again. Errors: `idempotency_refused`. */
export function refuseRepeatable({ type, secretResult }: ContractParts, options: DispatchOptions): void {
  if (secretResult !== true || (options.commandId === undefined && options.idempotencyKey === undefined)) return
  const message = `The result of ${type} is told once and stored nowhere, so neither an idempotency key nor a command id can find it again. Leave both out.`
  throw new GestaError('idempotency_refused', message, { facts: { contract: type } })
}

function isSame({ type, fingerprint }: Execution, header: StoredHeader): boolean {
  return header.commandType === type && header.fingerprint === fingerprint
}

/** The outcome under an idempotency key. Errors: `idempotency_conflict` when the payload was another one. */
export function sameKey(
  tokens: Tokens,
  { idempotency }: Execution,
  header: StoredHeader,
  fingerprint: string | undefined,
): AnyOutcome {
  if (idempotency?.fingerprint === fingerprint) return outcomeOf(tokens, header, header.commandId, header)
  throw otherPayload(header)
}

/** The refusal of a key that another payload has. */
export function otherPayload({ commandId, commandType }: Pick<StoredHeader, 'commandId' | 'commandType'>): GestaError {
  const message = `The idempotency key was used before for ${commandType} with another payload, or in another workspace. Use a new key for a new request.`
  return new GestaError('idempotency_conflict', message, { facts: { commandId, commandType } })
}
