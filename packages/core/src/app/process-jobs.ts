// What runs the jobs that process managers leave: a command that is on its way, and a deadline.
import type { RunHandler, JobContext } from '../dispatch/handler.ts'
import type { Engine } from '../dispatch/engine.ts'
import { placed } from '../dispatch/placed.ts'
import { dispatchInRounds, sentCommandId } from '../dispatch/sent-command.ts'
import { partsOf } from '../contracts/contract.ts'
import { isGestaError } from '../errors/gesta-error.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { ContractError } from '../registry/contract-error.ts'
import type { ProcessManagerParts } from '../process-managers/process-manager-parts.ts'
import type { DeadlineData, SendData } from '../process-managers/sent-jobs.ts'
import { PassDeadline, SendCommand } from '../process-managers/sent-jobs.ts'
import { tenantOf } from '../request-context/request-context.ts'
import { actingContext } from './process-reactions.ts'
import type { TellProcess } from './process-reactions.ts'

type Managers = ReadonlyMap<string, ProcessManagerParts>

/** Milliseconds that what comes to a process waits while events of it are parked. */
const waitingMs = 60_000
/** Another attempt would be refused in the same words. */
const hopeless: readonly ErrorCode[] = ['invalid_input', 'permission_denied']

/** `engine`: one that checks what it is sent like that of any caller. */
export function processJobs(managers: Managers, engine: () => Engine, tell: TellProcess): readonly RunHandler[] {
  return [
    {
      contract: partsOf(SendCommand),
      roles: undefined,
      run: (input, context) => send(managers, engine(), tell, input as SendData, context as JobContext),
    },
    {
      contract: partsOf(PassDeadline),
      roles: undefined,
      run: async (input, asked) => {
        const { manager: name, key, name: deadline, no } = input as DeadlineData
        const { jobId, context, signal, snooze } = asked as JobContext
        const manager = managers.get(name)
        // A process manager that the app has no more waits for nothing.
        if (manager === undefined) return undefined
        const occasion = ['deadline', tenantOf(context), jobId]
        const happened = { kind: 'deadline', name: deadline, no } as const
        const reaction = await tell(manager, { key, cause: jobId, context, signal, occasion, happened })
        return reaction === 'waiting' ? snooze(waitingMs) : undefined
      },
    },
  ]
}

/** Sends the command, and takes a business no back to the process. Errors: as for any dispatch. */
async function send(
  managers: Managers,
  engine: Engine,
  tell: TellProcess,
  { manager: name, key, type, data }: SendData,
  { jobId, context, signal, giveUp, snooze }: JobContext,
): Promise<unknown> {
  const manager = managers.get(name)
  const { identity } = engine.store
  const sender = placed(engine, type, actingContext(manager, context))
  const idOf = (round: number): string => sentCommandId(identity, ['process-send', tenantOf(context), jobId], round)
  try {
    const outcome = await dispatchInRounds(engine, { type, data }, { context: sender, signal }, idOf)
    const { commandId } = outcome
    if (outcome.ok) return { commandId, outcome: 'accepted' }
    const { rejection } = outcome
    if (manager?.refusals.has(type) === true) {
      const happened = { kind: 'rejected', name: type, told: { rejection, data } } as const
      const occasion = ['rejected', tenantOf(context), jobId]
      const reaction = await tell(manager, { key, cause: commandId, context, signal, occasion, happened })
      if (reaction === 'waiting') return snooze(waitingMs)
    }
    return { commandId, outcome: 'rejected', code: rejection.code }
  } catch (cause) {
    if (cause instanceof ContractError) return giveUp(cause.code)
    const code = hopeless.find((one) => isGestaError(cause, one))
    if (code !== undefined) return giveUp(code)
    throw cause
  }
}
