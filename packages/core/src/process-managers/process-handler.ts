// The command that takes something to a process: made by gesta alone, decided by the functions of the process manager.
import type { AggregateParts, DecideHandler } from '../aggregates/aggregate.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Command } from '../contracts/messages.ts'
import { processAggregate } from './process.ts'
import type { Process } from './process.ts'
import type { ProcessManagerParts } from './process-manager-parts.ts'
import { reactTo } from './react.ts'
import type { Happening, Reaction, ReactInput } from './react.ts'

/** A process manager with what runs it. */
export interface ProcessDefinition {
  readonly manager: ProcessManagerParts
  readonly aggregate: AggregateParts
  readonly contract: ContractParts
  readonly handler: DecideHandler
}

/** What happened, as the decider is given it: no text is made of it. */
type Told = Happening & {
  readonly toJSON: () => undefined
  readonly onReaction: ((reaction: Reaction) => void) | undefined
}

/** The type of the command, as the command log has it. No permission table names it, so callers are denied it. */
export function reactCommand(manager: string): string {
  return `Gesta.React/${manager}`
}

/** A process has parked events, and takes nothing else before them. */
export class ProcessWaits extends Error {
  override readonly name: string = 'ProcessWaits'
  constructor(manager: string) {
    super(`A process of ${manager} has parked events. Retry or discard them: what comes behind them waits.`)
  }
}

export function processDefinition(manager: ProcessManagerParts): ProcessDefinition {
  const aggregate = processAggregate(manager)
  const contract: ContractParts = { kind: 'command', type: reactCommand(manager.name) }
  const handler: DecideHandler = {
    contract,
    roles: ['any'],
    aggregate,
    idOf: (input) => (input as ReactInput).key,
    decider: (process, input) => {
      const { messages, reaction } = reactTo(manager, process as Process, input as ReactInput)
      ;((input as ReactInput).happened as Told).onReaction?.(reaction)
      // No decision: what waits is told again, and decided then.
      if (reaction === 'waiting') throw new ProcessWaits(manager.name)
      return { accepted: true, messages, result: undefined }
    },
  }
  return { manager, aggregate, contract, handler }
}

/**
 * The message of it. What happened is told to the decider and is in no text that is made of the message: the log has it already, and what
 * an erasure has to reach would lie in the record of the command too. `onReaction`: called with each decision that is tried, the last one
 * counts; not called for what was decided before.
 */
export function reactMessage(
  { name }: ProcessManagerParts,
  input: ReactInput,
  onReaction?: (reaction: Reaction) => void,
): Command<string, ReactInput, unknown, unknown> {
  const happened: Told = { ...input.happened, toJSON: () => undefined, onReaction }
  return { kind: 'command', type: reactCommand(name), data: { ...input, happened } } as unknown as Command<
    string,
    ReactInput,
    unknown,
    unknown
  >
}
