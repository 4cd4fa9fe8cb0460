// Idempotency keys: one commit per (tenant, sender, command type, key), however often the request comes. The stored
// outcome is given back after the permission was checked; an attempt that stored nothing leaves the key free.
import { checkKey } from '../codec/key-text.ts'
import type { AnyOutcome, Execution, Middleware } from '../dispatch/engine.ts'
import { senderOf } from '../dispatch/fingerprint.ts'
import { sameKey } from '../dispatch/recall.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Tokens } from '../stores/event/token.ts'

/** The policy over a store. */
export function idempotencyPolicy(store: EventStore, tokens: Tokens): Middleware {
  // Single flight in this process: who comes while the first one runs waits for it.
  const flights = new Map<string, Promise<unknown>>()

  const settle = async (execution: Execution, key: string, next: () => Promise<AnyOutcome>): Promise<AnyOutcome> => {
    checkKey(key, 'the idempotency key')
    const sender = senderOf(execution.context)
    if (sender === '' && execution.contract.anonymousKeys !== true) throw refusedKey(execution)
    const scope = { tenant: execution.tenant, sender, commandType: execution.contract.type, key }
    execution.idempotency = {
      sender,
      key,
      fingerprint: execution.fingerprint,
    }
    const id = JSON.stringify(Object.values(scope))
    for (let flight = flights.get(id); flight !== undefined; flight = flights.get(id))
      await execution.deadline.race(`another ${scope.commandType} with the same key was running`, flight)

    const run = async (): Promise<AnyOutcome> => {
      const earlier = await store.headerByKey(scope)
      return earlier === undefined ? next() : sameKey(tokens, execution, earlier.header, earlier.fingerprint)
    }
    const flight = run()
    // Whoever waits only wants to know that it is over.
    flights.set(
      id,
      flight.catch(() => undefined).finally(() => flights.delete(id)),
    )
    return flight
  }
  return {
    name: 'idempotency',
    around: (execution, next) => {
      const key = execution.options.idempotencyKey
      return key === undefined ? next() : settle(execution, key, next)
    },
  }
}

function refusedKey({ contract }: Execution): GestaError {
  const message = `Anonymous callers cannot use idempotency keys for ${contract.type}: everybody would share them. Sign in, or declare anonymousKeys in the contract when its keys are unguessable.`
  return new GestaError('idempotency_refused', message, { facts: { contract: contract.type } })
}
