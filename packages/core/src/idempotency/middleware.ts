// Idempotency keys: one commit per (tenant, sender, command type, key), however often the request comes. The stored
// outcome is given back after the permission was checked; an attempt that stored nothing leaves the key free.
import { checkKey } from '../codec/key-text.ts'
import type { AnyOutcome, Execution, Middleware } from '../dispatch/engine.ts'
import { senderOf } from '../dispatch/fingerprint.ts'
import { otherPayload, sameKey } from '../dispatch/recall.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Tokens } from '../stores/event/token.ts'

/** What a request with a key came to, and the payload that it had. */
interface Flight {
  readonly outcome: AnyOutcome
  readonly fingerprint: string
}

/** The policy over a store. */
export function idempotencyPolicy(store: EventStore, tokens: Tokens): Middleware {
  // Single flight in this process: who comes while the first one runs waits for it. Absent in the end: it stored nothing.
  const flights = new Map<string, Promise<Flight | undefined>>()

  const settle = async (execution: Execution, key: string, next: () => Promise<AnyOutcome>): Promise<AnyOutcome> => {
    checkKey(key, 'the idempotency key')
    const { fingerprint, tenant, type } = execution
    const sender = senderOf(execution.context)
    if (sender === '' && execution.contract.anonymousKeys !== true) throw refusedKey(execution)
    const scope = { tenant, sender, commandType: type, key }
    execution.idempotency = { sender, key, fingerprint }
    const id = JSON.stringify(Object.values(scope))
    for (let flight = flights.get(id); flight !== undefined; flight = flights.get(id)) {
      const landed = await execution.deadline.race(`another ${type} with the same key was running`, flight)
      if (landed !== undefined) return repeated(landed, execution)
    }

    const run = async (): Promise<AnyOutcome> => {
      const earlier = await store.headerByKey(scope)
      return earlier === undefined ? next() : sameKey(tokens, execution, earlier.header, earlier.fingerprint)
    }
    const running = run()
    flights.set(
      id,
      running
        .then(
          (outcome) => ({ outcome, fingerprint }),
          () => undefined,
        )
        .finally(() => flights.delete(id)),
    )
    return running
  }
  return {
    name: 'idempotency',
    around: (execution, next) => {
      const key = execution.options.idempotencyKey
      return key === undefined ? next() : settle(execution, key, next)
    },
  }
}

/** What the store would say now, without asking it once for each of those who waited. Their answers are their own to change. */
function repeated({ outcome, fingerprint }: Flight, { fingerprint: own, type }: Execution): AnyOutcome {
  if (own === fingerprint) return structuredClone(outcome)
  throw otherPayload({ commandId: outcome.commandId, commandType: type })
}

function refusedKey({ contract }: Execution): GestaError {
  const message = `Anonymous callers cannot use idempotency keys for ${contract.type}: everybody would share them. Sign in, or declare anonymousKeys in the contract when its keys are unguessable.`
  return new GestaError('idempotency_refused', message, { facts: { contract: contract.type } })
}
