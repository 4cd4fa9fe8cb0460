// Dispatch of a command, in the fixed order: handler present, role, level, parse, check, key, decide, commit.
// The only waits are the store's, and those that a schema, a policy or the caller asks for.
import type { DecideHandler } from '../aggregates/aggregate.ts'
import { checkKey } from '../codec/key-text.ts'
import { observationNames } from '../observation/observation-names.ts'
import { admit, observeEntry } from '../registry/registry.ts'
import { emptyContext, tenantOf } from '../request-context/request-context.ts'
import { parse } from '../schema/parse.ts'
import { deadline } from '../time/deadline.ts'
import { decideAndCommit } from './decide-and-commit.ts'
import type { AnyOutcome, Arrival, Engine, Execution } from './engine.ts'
import { fingerprintOf, senderOf } from './fingerprint.ts'
import type { RunHandler } from './handler.ts'
import { refuseNested } from './nesting.ts'
import type { DispatchOptions } from './options.ts'
import { recall } from './recall.ts'

/** Runs a command to its outcome. Errors: by code, see docs/reference/errors.md; a handler's own error is thrown unchanged. */
export async function dispatch(
  engine: Engine,
  message: { readonly type: string; readonly data: unknown },
  options: DispatchOptions,
): Promise<AnyOutcome> {
  refuseNested(engine.registry, message.type)
  const limit = deadline(engine.alarms, options.deadlineMs, options.signal)
  engine.gate.enter()
  try {
    const role = options.role ?? engine.role
    const entry = admit(engine.registry, 'command', message.type, role)
    observeEntry(engine.registry, observationNames.executeCommand, entry, role)
    const { contract } = entry
    const arrivedAt = engine.clock.nowUs()
    const context = options.context ?? emptyContext
    limit.check(`${contract.type} was arriving`)
    const arrival: Arrival = { contract, context, deadline: limit }
    for (const { authorize } of engine.middleware) {
      const wait = authorize?.(arrival)
      if (wait !== undefined) await wait
    }
    const parsed = parse(contract.input, message.data, 'invalid_input', contract.type)
    const input = parsed instanceof Promise ? await limit.race(`${contract.type} was being read`, parsed) : parsed
    for (const { check } of engine.middleware) {
      const wait = check?.(arrival, input)
      if (wait !== undefined) await wait
    }
    const tenant = tenantOf(context)
    if (tenant !== '') checkKey(tenant, 'the tenant')
    if (options.commandId !== undefined) checkKey(options.commandId, 'the command id')
    const execution: Execution = {
      contract,
      commandId: options.commandId ?? engine.ids.newId(),
      context,
      tenant,
      raw: message.data,
      input,
      arrivedAt,
      deadline: limit,
      options,
      commitOptions:
        limit.limited || options.lane !== undefined
          ? { signal: limit.limited ? limit.signal : undefined, lane: options.lane }
          : undefined,
      fingerprint: fingerprintOf(engine.store.identity, contract.type, senderOf(context), message.data),
      idempotency: undefined,
    }
    if (options.commandId !== undefined) {
      const earlier = await recall(engine, execution)
      if (earlier !== undefined) return earlier
    }
    return await around(engine, execution, entry.handler as DecideHandler | RunHandler, 0)
  } finally {
    limit.release()
    engine.gate.leave()
  }
}

function around(
  engine: Engine,
  execution: Execution,
  handler: DecideHandler | RunHandler,
  at: number,
): Promise<AnyOutcome> {
  for (let next = at; next < engine.middleware.length; next++) {
    const policy = engine.middleware[next]?.around
    if (policy !== undefined) return policy(execution, () => around(engine, execution, handler, next + 1))
  }
  return decideAndCommit(engine, handler, execution)
}
