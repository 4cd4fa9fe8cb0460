// A bus whose commands can be logged: anything that takes a command and promises what came of it, such as a started app or a registry.
import type { Command } from '../contracts/messages.ts'
import { checkSink, inProcessSink } from '../registry/command-event-sink.ts'
import type { CommandEventSink } from '../registry/command-event-sink.ts'
import type { Envelope } from '../registry/envelope.ts'
import { executeCommand } from '../registry/execute-command.ts'
import type { CapturedAnswer } from '../registry/execute-command.ts'
import type { Registry } from '../registry/registry.ts'
import type { CommandOptions } from '../registry/run-command.ts'

/** What is asked for: a type, and its data. */
export interface BusCommand {
  readonly type: string
  readonly data: unknown
}
/** The least that a bus has. Its commands, options and results are its own. */
export interface CommandBus {
  dispatch(command: BusCommand, options?: unknown): Promise<unknown>
}
/** What the bus is told beside the command. */
export type OptionsOf<Bus extends CommandBus> = Exclude<Parameters<Bus['dispatch']>[1], undefined>
/** What it answers. */
export type ResultOf<Bus extends CommandBus> = Awaited<ReturnType<Bus['dispatch']>>

/** What the log knows a command by, beside what runs it. */
export interface RegistryBusOptions extends CommandOptions {
  /** Default: a new one. */
  readonly commandId?: string | undefined
  readonly metadata?: { readonly [name: string]: string } | undefined
}
export interface RegistryBus {
  /** As `executeCommand`, with the events that were delivered. */
  dispatch<Type extends string, In, Result, Rejections>(
    command: Command<Type, In, Result, Rejections>,
    options?: RegistryBusOptions,
  ): Promise<CapturedAnswer<Result, Rejections>>
}

/** The commands of a registry as a bus. Errors: as `executeCommand`. Reference: docs/reference/command-log.md. */
export function registryBus(registry: Registry): RegistryBus {
  return {
    dispatch: async (command, options = {}) => {
      const { sink = inProcessSink } = options
      checkSink(sink, command.type)
      let events: readonly Envelope[] = []
      const noting: CommandEventSink = (emitted, context) => {
        events = emitted
        return sink(emitted, context)
      }
      const answer = await executeCommand(registry, command, { ...options, sink: noting })
      return { ...answer, events }
    },
  }
}
