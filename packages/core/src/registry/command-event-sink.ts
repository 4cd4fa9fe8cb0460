// Where the events of a successful command go: the port, and the two sinks that stay in the process.
import type { Role } from '../contracts/messages.ts'
import { ContractError } from './contract-error.ts'
import type { Envelope } from './envelope.ts'
import { deliver } from './deliver.ts'
import type { Registry } from './registry.ts'
import { RunScope } from './run-context.ts'
import type { RunContext } from './run-context.ts'

/** With what a batch is delivered: the registry and role of the command, and its caller's context and signal. */
export interface SinkContext extends RunContext {
  readonly registry: Registry
  readonly role: Role | undefined
}

/**
 * Receives the events of one successful command: one ordered batch, never empty. The command's effects stand whatever it does;
 * what it throws reaches the command's caller.
 */
export type CommandEventSink = (events: readonly Envelope[], delivery: SinkContext) => Promise<void> | void

/** Delivers to the subscribers in the registry that the role may run. What a command without a sink uses. Reference: docs/reference/contracts.md. */
export const inProcessSink: CommandEventSink = (events, { registry, role, context, signal }) =>
  deliver(registry, events, role, context, signal)

/** The same batch to each sink in order, without the absent ones; stops at the first error. Reference: docs/reference/contracts.md. */
export function compositeSink(...sinks: readonly (CommandEventSink | undefined | null)[]): CommandEventSink {
  const present = sinks.filter((sink) => sink !== undefined && sink !== null)
  for (const sink of present) checkSink(sink, '')
  return async (events, delivery) => {
    for (const sink of present) await sink(events, delivery)
  }
}

/** Throws `nil_handler` for a sink that is no function. */
export function checkSink(sink: unknown, contract: string): void {
  if (typeof sink !== 'function')
    throw new ContractError(
      'nil_handler',
      contract,
      `Expected a sink to be a function, received ${sink === null ? 'null' : typeof sink}.`,
    )
}

export class SinkScope extends RunScope implements SinkContext {
  readonly registry: Registry
  readonly role: Role | undefined

  constructor(
    registry: Registry,
    {
      role,
      context,
      signal,
    }: { role: Role | undefined; context: RunContext['context']; signal: AbortSignal | undefined },
  ) {
    super(context, signal)
    this.registry = registry
    this.role = role
  }
}
