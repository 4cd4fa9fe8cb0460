// Dispatch of a command, in the fixed order: handler present, role, level, parse, check, key, decide, commit.
// The only waits are the store's, and those that a schema, a policy or the caller asks for. However it ends, it leaves one record.
import type { DecideHandler } from '../aggregates/aggregate.ts'
import { checkKey } from '../codec/key-text.ts'
import type { ContractParts } from '../contracts/contract.ts'
import { observationNames } from '../observation/observation-names.ts'
import { admit, observeEntry } from '../registry/registry.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { parse } from '../schema/parse.ts'
import { deadline } from '../time/deadline.ts'
import type { Deadline } from '../time/deadline.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { actOf, keepFailure } from './auditing.ts'
import type { Attempt } from './command-recording.ts'
import { decideAndCommit } from './decide-and-commit.ts'
import type { AnyOutcome, Arrival, Engine, Execution } from './engine.ts'
import { comparable, fingerprintOf, payloadText } from './fingerprint.ts'
import type { RunHandler } from './handler.ts'
import { unknownType } from './meter.ts'
import { refuseNested } from './nesting.ts'
import type { DispatchOptions } from './options.ts'
import { placed } from './placed.ts'
import { recall, refuseRepeatable } from './recall.ts'
import { traced } from './traced.ts'

interface Message {
  readonly type: string
  readonly data: unknown
}

/** Runs a command to its outcome. Errors: by code, see docs/reference/errors.md; a handler's own error is thrown unchanged. */
export function dispatch(engine: Engine, message: Message, options: DispatchOptions): Promise<AnyOutcome> {
  return traced(engine.tracing, 'command', message.type, options, (own) => dispatchCommand(engine, message, own))
}

async function dispatchCommand(engine: Engine, message: Message, options: DispatchOptions): Promise<AnyOutcome> {
  refuseNested(engine.registry, message.type)
  const limit = deadline(engine.alarms, options.deadlineMs, options.signal)
  engine.gate.enter()
  const arrivedAt = engine.clock.nowUs()
  const startedUs = engine.clock.monotonicUs()
  const context = placed(engine, message.type, options.context)
  let contract: ContractParts | undefined
  let execution: Execution | undefined
  try {
    const role = options.role ?? engine.role
    const entry = admit(engine.registry, 'command', message.type, role)
    observeEntry(engine.registry, observationNames.executeCommand, entry, role)
    contract = entry.contract
    limit.check(`${contract.type} was arriving`)
    const isNamed = options.commandId !== undefined || options.idempotencyKey !== undefined
    refuseRepeatable(contract, options)
    const { metadata } = options
    const arrival: Arrival = { contract, context, deadline: limit, metadata, isStrict: isNamed, conditions: none }
    for (const { authorize } of engine.middleware) {
      const wait = authorize?.(arrival)
      if (wait !== undefined) await wait
    }
    const parsed = parse(contract.input, message.data, 'invalid_input', contract.type)
    // Nobody waits for it when the payload turns out to be none.
    if (parsed instanceof Promise) parsed.catch(() => undefined)
    // Before anything is waited for: what is recorded and compared is what was parsed, whatever the caller does with it meanwhile.
    const canonical = payloadText(contract.type, message.data)
    const input = parsed instanceof Promise ? await limit.race(`${contract.type} was being read`, parsed) : parsed
    for (const { check } of engine.middleware) {
      const wait = check?.(arrival, input)
      if (wait !== undefined) await wait
    }
    const tenant = tenantOf(context)
    if (tenant !== '') checkKey(tenant, 'the tenant')
    if (options.commandId !== undefined) checkKey(options.commandId, 'the command id')
    const { type } = contract
    execution = {
      type,
      contract,
      commandId: options.commandId ?? engine.ids.newId(),
      tenant,
      context,
      options,
      raw: message.data,
      canonical,
      arrivedAt,
      startedUs,
      fingerprint: fingerprintOf(engine.store.identity, type, context, comparable(contract, message.data, canonical)),
      retries: 0,
      input,
      deadline: limit,
      commitOptions:
        limit.limited || options.lane !== undefined
          ? { signal: limit.limited ? limit.signal : undefined, lane: options.lane }
          : undefined,
      idempotency: undefined,
      arrival,
      notes: none,
    }
    if (options.commandId !== undefined) {
      const earlier = await recall(engine, execution)
      if (earlier !== undefined) return counted(engine, type, startedUs, earlier)
    }
    const outcome = await around(engine, execution, entry.handler as DecideHandler | RunHandler, 0)
    // Whose outcome has another id was given that of the command that had its idempotency key first.
    if (outcome.commandId !== execution.commandId && engine.recording !== undefined)
      await kept(engine, limit, options, engine.recording.repeated(execution, outcome.commandId))
    return counted(engine, type, startedUs, outcome)
  } catch (cause) {
    engine.meter.failed('command', contract?.type ?? unknownType, startedUs, cause, options.signal)
    const attempt = execution ?? attemptOf(engine, message, options, context, contract, { arrivedAt, startedUs })
    const isDenied = cause instanceof GestaError && cause.code === 'permission_denied'
    if (engine.recording !== undefined)
      await kept(engine, limit, options, engine.recording.failed(attempt, cause), isDenied)
    else await keepFailure(engine, actOf(attempt), cause, options.signal)
    throw cause
  } finally {
    limit.release()
    engine.gate.leave()
  }
}

function counted(engine: Engine, type: string, startedUs: number, outcome: AnyOutcome): AnyOutcome {
  engine.meter.ended('command', type, startedUs, outcome.ok ? 'accepted' : 'rejected')
  return outcome
}

/** What is known of a command that was refused before it was one. */
function attemptOf(
  engine: Engine,
  { type, data }: Message,
  options: DispatchOptions,
  context: RequestContext,
  contract: ContractParts | undefined,
  arrival: Pick<Attempt, 'arrivedAt' | 'startedUs'>,
): Attempt {
  return {
    type,
    contract,
    commandId: options.commandId ?? engine.ids.newId(),
    tenant: tenantOf(context),
    context,
    options,
    raw: data,
    canonical: undefined,
    ...arrival,
    fingerprint: undefined,
    retries: 0,
  }
}

/** Waits for a record, but no longer than the caller does, unless it must be there before he is answered; the app stops after it. */
async function kept(
  engine: Engine,
  limit: Deadline,
  { signal }: DispatchOptions,
  record: Promise<void>,
  isFirst = false,
): Promise<void> {
  engine.gate.hold(record)
  if (isFirst) return record
  if (limit.leftMs() <= 0 || signal?.aborted === true) return
  await limit.race('it was being recorded', record).catch(() => undefined)
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

const none: readonly never[] = []
