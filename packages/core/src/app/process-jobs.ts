// What runs the jobs that process managers leave: a command that is on its way, and a deadline.
import type { Command } from '../contracts/messages.ts'
import { partsOf } from '../contracts/contract.ts'
import type { JobContext, RunHandler } from '../dispatch/handler.ts'
import type { ProcessManagerParts } from '../process-managers/process-manager-parts.ts'
import { PassDeadline, SendCommand } from '../process-managers/sent-jobs.ts'
import type { DeadlineData, SendData } from '../process-managers/sent-jobs.ts'
import { tenantOf } from '../request-context/request-context.ts'
import { actingContext } from './process-reactions.ts'
import type { TellProcess } from './process-reactions.ts'

type Managers = ReadonlyMap<string, ProcessManagerParts>
type Sent = Command<string, unknown, unknown, { readonly [code: string]: unknown }>

/** Milliseconds that what comes to a process waits while events of it are parked. */
export const waitingMs = 60_000

export function processJobs(managers: Managers, tell: TellProcess): readonly RunHandler[] {
  const sends: RunHandler['run'] = (input, context) => send(managers, tell, input as SendData, context as JobContext)
  const passes: RunHandler['run'] = (input, context) =>
    pass(managers, tell, input as DeadlineData, context as JobContext)
  return [
    { contract: partsOf(SendCommand), roles: undefined, run: sends },
    { contract: partsOf(PassDeadline), roles: undefined, run: passes },
  ]
}

/** Sends the command like any caller, and takes a business no back to the process. Errors: as for any dispatch. */
async function send(
  managers: Managers,
  tell: TellProcess,
  { manager: name, key, type, data }: SendData,
  { jobId, context, signal, snooze, dispatch }: JobContext,
): Promise<unknown> {
  const manager = managers.get(name)
  const command = { kind: 'command', type, data } as unknown as Sent
  const outcome = await dispatch(command, { context: actingContext(manager, context) })
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
}

async function pass(
  managers: Managers,
  tell: TellProcess,
  { manager: name, key, name: deadline, no }: DeadlineData,
  { jobId, context, signal, snooze }: JobContext,
): Promise<unknown> {
  const manager = managers.get(name)
  // A process manager that the app has no more waits for nothing.
  if (manager === undefined) return undefined
  const occasion = ['deadline', tenantOf(context), jobId]
  const happened = { kind: 'deadline', name: deadline, no } as const
  const reaction = await tell(manager, { key, cause: jobId, context, signal, occasion, happened })
  return reaction === 'waiting' ? snooze(waitingMs) : undefined
}
