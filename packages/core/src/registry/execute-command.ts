// Running a command: its events are delivered after its handler succeeded, or captured and handed to the caller.
import type { Answer, Command } from '../contracts/messages.ts'
import type { Envelope } from './envelope.ts'
import type { RunOptions } from './execute.ts'
import type { Registry } from './registry.ts'
import { runCommand } from './run-command.ts'
import type { CommandOptions } from './run-command.ts'

/** What `captureCommandEvents` gives: the answer, and the events that nobody has received. A rejection has none. */
export type CapturedAnswer<Result, Rejections> = Answer<Result, Rejections> & { readonly events: readonly Envelope[] }

/**
 * Runs the handler of a command. After a success the events that it emitted go to the sink as one ordered batch; after a rejection
 * or an error they are discarded.
 * @returns the result, as the result's schema parses it, or the rejection.
 * Errors: `nil_handler`, `unsupported_handler`, `missing_handler`, `role_not_allowed`, `invalid_input`, `invalid_output`; the handler's
 * own unchanged; `subscriber_failed` with `facts.effectsStand` when the command succeeded and the sink failed.
 * Reference: docs/reference/contracts.md.
 */
export function executeCommand<Type extends string, In, Result, Rejections>(
  registry: Registry,
  command: Command<Type, In, Result, Rejections>,
  options: CommandOptions = {},
): Promise<Answer<Result, Rejections>> {
  return runCommand(registry, command, options, false) as Promise<Answer<Result, Rejections>>
}

/**
 * Runs the handler of a command and returns its events with its answer; nothing is delivered.
 * Errors: as `executeCommand`, without `subscriber_failed`. Reference: docs/reference/contracts.md.
 */
export function captureCommandEvents<Type extends string, In, Result, Rejections>(
  registry: Registry,
  command: Command<Type, In, Result, Rejections>,
  options: RunOptions = {},
): Promise<CapturedAnswer<Result, Rejections>> {
  return runCommand(registry, command, options, true) as Promise<CapturedAnswer<Result, Rejections>>
}
