// `executeCommand` by destination, in one line each. They are asynchronous, so that a missing destination rejects like every other error.
import type { Answer, Command, Role } from '../contracts/messages.ts'
import type { Broker, Fanout, Outbox } from './delivery-ports.ts'
import { brokerSink, fanoutSink, outboxSink } from './destination-sinks.ts'
import { executeCommand } from './execute-command.ts'
import type { RunOptions } from './execute.ts'
import { forRole } from './for-role.ts'
import type { Registry } from './registry.ts'

/** `executeCommand` with `outboxSink(outbox)`. Reference: docs/reference/contracts.md. */
export async function executeCommandToOutbox<Type extends string, In, Result, Rejections>(
  registry: Registry,
  outbox: Outbox,
  command: Command<Type, In, Result, Rejections>,
  options?: RunOptions,
): Promise<Answer<Result, Rejections>> {
  return executeCommand(registry, command, { ...options, sink: outboxSink(outbox) })
}

/** `executeCommand` with `outboxSink(outbox)` and a role. Reference: docs/reference/contracts.md. */
export async function executeCommandToOutboxForRole<Type extends string, In, Result, Rejections>(
  registry: Registry,
  outbox: Outbox,
  role: Role,
  command: Command<Type, In, Result, Rejections>,
  options?: RunOptions,
): Promise<Answer<Result, Rejections>> {
  return executeCommand(registry, command, { ...forRole(role, options), sink: outboxSink(outbox) })
}

/** `executeCommand` with `brokerSink(broker)`. Reference: docs/reference/contracts.md. */
export async function executeCommandToBroker<Type extends string, In, Result, Rejections>(
  registry: Registry,
  broker: Broker,
  command: Command<Type, In, Result, Rejections>,
  options?: RunOptions,
): Promise<Answer<Result, Rejections>> {
  return executeCommand(registry, command, { ...options, sink: brokerSink(broker) })
}

/** `executeCommand` with `brokerSink(broker)` and a role. Reference: docs/reference/contracts.md. */
export async function executeCommandToBrokerForRole<Type extends string, In, Result, Rejections>(
  registry: Registry,
  broker: Broker,
  role: Role,
  command: Command<Type, In, Result, Rejections>,
  options?: RunOptions,
): Promise<Answer<Result, Rejections>> {
  return executeCommand(registry, command, { ...forRole(role, options), sink: brokerSink(broker) })
}

/** `executeCommand` with `fanoutSink(fanout)`. Reference: docs/reference/contracts.md. */
export async function executeCommandToPresentationFanout<Type extends string, In, Result, Rejections>(
  registry: Registry,
  fanout: Fanout,
  command: Command<Type, In, Result, Rejections>,
  options?: RunOptions,
): Promise<Answer<Result, Rejections>> {
  return executeCommand(registry, command, { ...options, sink: fanoutSink(fanout) })
}

/** `executeCommand` with `fanoutSink(fanout)` and a role. Reference: docs/reference/contracts.md. */
export async function executeCommandToPresentationFanoutForRole<Type extends string, In, Result, Rejections>(
  registry: Registry,
  fanout: Fanout,
  role: Role,
  command: Command<Type, In, Result, Rejections>,
  options?: RunOptions,
): Promise<Answer<Result, Rejections>> {
  return executeCommand(registry, command, { ...forRole(role, options), sink: fanoutSink(fanout) })
}
