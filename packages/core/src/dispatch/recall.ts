// A command that its caller named may have been decided before: then its first outcome is its only one.
import { GestaError } from '../errors/gesta-error.ts'
import type { StoredHeader } from '../stores/commit.ts'
import type { Tokens } from '../stores/event/token.ts'
import { outcomeOf } from './engine.ts'
import type { AnyOutcome, Engine, Execution } from './engine.ts'

/** The stored outcome of this command id, if there is one. Errors: `command_conflict` for another command under it. */
export async function recall(engine: Engine, execution: Execution): Promise<AnyOutcome | undefined> {
  const header = await engine.store.header(execution.tenant, execution.commandId)
  return header === undefined ? undefined : sameCommand(engine.tokens, execution, header)
}

/** The outcome that a header tells to a repetition of its command. Errors: `command_conflict`. */
export function sameCommand(tokens: Tokens, { contract, fingerprint }: Execution, header: StoredHeader): AnyOutcome {
  const same = header.commandType === contract.type && header.fingerprint === fingerprint
  if (same && header.outcome !== 'abandoned') return outcomeOf(tokens, header, header.commandId, header)
  const message = `The command id ${header.commandId} is taken by another ${header.commandType} (${header.outcome}). Use a new id for a new command.`
  throw new GestaError('command_conflict', message, {
    facts: { commandId: header.commandId, commandType: header.commandType },
  })
}

/** The outcome under an idempotency key. Errors: `idempotency_conflict` when the payload was another one. */
export function sameKey(
  tokens: Tokens,
  { idempotency }: Execution,
  header: StoredHeader,
  fingerprint: string | undefined,
): AnyOutcome {
  if (idempotency?.fingerprint === fingerprint) return outcomeOf(tokens, header, header.commandId, header)
  const message = `The idempotency key was used before for ${header.commandType} with another payload. Use a new key for a new request.`
  throw new GestaError('idempotency_conflict', message, {
    facts: { commandId: header.commandId, commandType: header.commandType },
  })
}
