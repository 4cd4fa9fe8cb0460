// The command pipeline, by phases: admit, parse, run, check what came out, then hand the events over.
import { isRejected } from '../contracts/messages.ts'
import type { Answer, Command } from '../contracts/messages.ts'
import { observationNames } from '../observation/observation-names.ts'
import { emptyContext } from '../request-context/request-context.ts'
import { parse } from '../schema/parse.ts'
import { capture } from './capture.ts'
import { checkSink, SinkScope } from './command-event-sink.ts'
import type { CommandEventSink } from './command-event-sink.ts'
import { ContractError } from './contract-error.ts'
import { deliver } from './deliver.ts'
import type { Envelope } from './envelope.ts'
import { admitMessage, handlerOf } from './execute.ts'
import type { RunOptions } from './execute.ts'
import { createRecorder } from './recorder.ts'
import { checkRejection } from './rejection.ts'
import { observeEntry, runningHandlerOf } from './registry.ts'
import type { Registry } from './registry.ts'
import { isThenable } from './thenable.ts'

export interface CommandOptions extends RunOptions {
  /** Where the events of a success go; default: the subscribers of this process. */
  readonly sink?: CommandEventSink | undefined
}
type AnyCommand = Command<string, unknown, unknown, unknown>
type AnyAnswer = Answer<unknown, { [code: string]: unknown }>

/** What a captured command gives: its answer and its events, which nobody has received. */
export type Captured = AnyAnswer & { readonly events: readonly Envelope[] }

/** Runs a command; its events go to the sink, or to `captured`. One async function, because every further one costs the caller a turn. */
export async function runCommand(
  registry: Registry,
  command: AnyCommand,
  options: CommandOptions,
  capturing: boolean,
): Promise<AnyAnswer | Captured> {
  const { role, context = emptyContext, signal, sink } = options
  const entry = admitMessage(registry, 'command', command, role)
  const { contract } = entry
  const handler = handlerOf(entry)
  if (sink !== undefined) checkSink(sink, contract.type)
  let input = parse(contract.input, command.data, 'invalid_input', contract.type)
  if (input instanceof Promise) input = await input
  signal?.throwIfAborted()
  observeEntry(registry, capturing ? observationNames.captureCommand : observationNames.executeCommand, entry, role)

  const recorder = createRecorder(context, signal)
  let output: unknown
  try {
    output = runningHandlerOf(registry).run(recorder, handler, input, recorder)
    if (isThenable(output)) output = await output
  } finally {
    recorder.open = false
  }

  if (isRejected(output)) {
    let rejection = checkRejection(contract, output)
    if (rejection instanceof Promise) rejection = await rejection
    return capturing ? { ok: false, rejection, events: [] } : { ok: false, rejection }
  }
  // Without a declared result nothing leaves, whatever the handler returned.
  let result =
    contract.result === undefined
      ? undefined
      : parse(contract.result, output, 'invalid_output', `the result of ${contract.type}`)
  if (result instanceof Promise) result = await result
  let events = capture(registry, recorder.recorded, context)
  if (events instanceof Promise) events = await events
  if (capturing) return { ok: true, result, events }

  if (events.length > 0) {
    try {
      await (sink === undefined
        ? deliver(registry, events, role, context, signal)
        : sink(events, new SinkScope(registry, { role, context, signal })))
    } catch (cause) {
      throw undelivered(contract.type, events, cause)
    }
  }
  return { ok: true, result }
}

function undelivered(type: string, events: readonly Envelope[], cause: unknown): ContractError {
  const message = `The command ${type} succeeded and its effects stand, but its events were not all delivered. Do not run it again; deliver them again, receivers drop the ids they know. See the cause.`
  return new ContractError('subscriber_failed', type, message, {
    cause,
    facts: { effectsStand: true, eventIds: events.map(({ id }) => id) },
  })
}
