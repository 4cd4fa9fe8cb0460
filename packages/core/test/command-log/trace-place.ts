// What tests of traces are written with: a store in memory, commits of commands that others caused, and a tracer beside them.
import type { CommitFields } from '../../src/conformance/event-store/given.ts'
import { commit, stored, stream } from '../../src/conformance/event-store/given.ts'
import { createTracer } from '../../src/command-log/trace-of.ts'
import type { TracerParts } from '../../src/command-log/trace-of.ts'
import type { Trace, TracedCommand } from '../../src/command-log/trace.ts'
import type { AppCommandLog } from '../../src/command-log/app-command-log.ts'
import type { CommandDetail } from '../../src/stores/command-log/command-record.ts'
import type { OpenBackend } from '../../src/stores/backend.ts'
import { memory } from '../../src/stores/memory-backend.ts'
import { messageId } from '../../src/stores/outbox/message-id.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'

/** A command, and what it left. */
export interface GivenCommand extends CommitFields {
  readonly correlationId?: string
  readonly causationId?: string
  /** How many of each it left. */
  readonly events?: number
  readonly sent?: number
  readonly started?: number
  /** Stored without a detail, like those of before there were any. */
  readonly old?: boolean
}
export interface TracePlace extends AsyncDisposable {
  readonly backend: OpenBackend
  readonly trace: AppCommandLog['trace']
  /** Stores one command, of no tenant unless one is given. */
  command(commandId: string, given?: GivenCommand): Promise<void>
  messageId(commandId: string, index: number): string
}

export async function tracePlace(parts: Partial<TracerParts> = {}): Promise<TracePlace> {
  const backend = await memory().open(fakeRuntime(createFakeClock()))
  const { events, commandLog, outbox, jobs } = backend
  return {
    backend,
    trace: createTracer({ events, commandLog, outbox, jobs, views: async () => () => [], ...parts }),
    command: async (commandId, given = {}) => {
      const { correlationId, causationId, events: count = 0, sent = 0, started = 0, old = false, ...fields } = given
      await stored(
        events,
        commit({
          tenant: '',
          commandId,
          context: JSON.stringify({ correlationId, causationId }),
          streams:
            count === 0
              ? []
              : [
                  stream(
                    `of ${commandId}`,
                    'any',
                    Array.from({ length: count }, () => '{}'),
                  ),
                ],
          messages: Array.from({ length: sent }, (_, index) => messageOf(index)),
          jobs: Array.from({ length: started }, () => ({ type: 'Order.Remind', data: '{}' })),
          detail: old ? undefined : { ...detail, messages: sent, jobs: started },
          ...fields,
        }),
      )
    },
    messageId: (commandId, index) => messageId(events.identity, { tenant: '', commandId, index }),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  }
}

/** The ids of a trace's commands, each with those that followed, in any way. */
export type Shape = readonly (string | readonly [string, Shape])[]

export function shapeOf(trace: Trace | undefined): Shape | undefined {
  return trace && shapesOf(trace.commands)
}

export function followedBy({ events, messages, jobs, followed }: TracedCommand): readonly TracedCommand[] {
  return [...[...events, ...messages, ...jobs].flatMap((part) => part.followed), ...followed]
}

/** All commands of a trace, from the top. */
export function commandsIn(commands: readonly TracedCommand[]): readonly TracedCommand[] {
  return commands.flatMap((command) => [command, ...commandsIn(followedBy(command))])
}

function shapesOf(commands: readonly TracedCommand[]): Shape {
  return commands.map((command) => {
    const below = shapesOf(followedBy(command))
    return below.length === 0 ? command.record.commandId : [command.record.commandId, below]
  })
}

function messageOf(index: number) {
  return { key: `key ${index}`, type: 'Order.Sent', schemaVersion: 1, data: '{"text":"hidden"}' }
}

const detail: CommandDetail = {
  durationUs: 5,
  payload: '{"text":"hidden"}',
  metadata: {},
  error: undefined,
  permission: undefined,
  idempotencyKey: undefined,
  duplicateOf: undefined,
  retries: 0,
  messages: 0,
  jobs: 0,
  redacted: [],
  truncated: [],
}
