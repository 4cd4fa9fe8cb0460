// Writes on their way to the writer thread. A thread that dies is replaced, and what it had is written again under the same ids.
import { GestaError, isGestaError } from '@gesta/core/ports'
import type { Commit, EventRewrite, LogIdentity, Verdict } from '@gesta/core/ports'
import type { CommandChange, ForgetChange } from './command-changes.ts'
import { decodeVerdicts, encodeGroup } from './commit-cells.ts'
import type { Cells } from './commit-cells.ts'
import type { SentExchange, SentExchanged } from './job-cells.ts'
import type { JobsChange } from './job-writer.ts'
import type { OutboxChange } from './outbox-writer.ts'
import { createThread, ThreadDied } from './thread.ts'
import type { Thread } from './thread.ts'
import { moduleUrl } from './thread-modules.ts'
import type { WriteMessage, WriterData } from './writer-thread.ts'

const attemptsByDefault = 3
/** Commits of which one step forgets something: however many there are, it holds commits up for a moment only. */
const commitsPerStep = 500

export interface Writer {
  write(group: readonly Commit[]): Promise<readonly Verdict[]>
  /** `undefined`: there is no such event. */
  rewrite(rewrite: EventRewrite): Promise<Verdict | undefined>
  /** What the change answers. A settlement that was lost with its thread is settled again; what else was lost may be done or not. */
  change(change: OutboxChange | JobsChange): Promise<number>
  /** Jobs. What was lost with its thread may be kept or not. */
  exchange(exchange: SentExchange): Promise<SentExchanged>
  /** Redacts a record of the command log; whether there is one. Rejects with `store_unavailable` when that is not known. */
  redact(tenant: string, commandId: string): Promise<boolean>
  /** Forgets something of each of these commits, in steps; of how many. Errors as for `redact`. */
  forget(what: ForgetChange, commitNos: readonly number[]): Promise<number>
  reset(identity: LogIdentity): Promise<void>
  fork(identity: LogIdentity): Promise<void>
  close(): Promise<void>
  readonly thread: Thread
}

export function createWriter(data: WriterData): Writer {
  const thread = createThread(moduleUrl('writer-thread'), data)
  const settled = async (
    messageOf: (again: boolean) => WriteMessage,
    attemptsMax: number = attemptsByDefault,
  ): Promise<unknown> => {
    let cause: unknown
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      try {
        return await thread.call(messageOf(attempt > 1))
      } catch (error) {
        cause = error
        if (error instanceof ThreadDied) continue
        // What a thread that died had stored is not known, whatever the next one says.
        if (attempt > 1) break
        throw error
      }
    }
    const message = `Expected the writer of ${data.path} to answer, but its thread died while it wrote, and writing again has not settled it. Send the commands again under the same ids; if it goes on, look at the cause.`
    throw new GestaError('outcome_unknown', message, { cause, facts: { path: data.path } })
  }
  const changeCommands = async (change: CommandChange): Promise<number> => {
    try {
      return (await settled((again) => ({ do: 'change', again, change }))) as number
    } catch (error) {
      throw isGestaError(error, 'outcome_unknown') ? unsettled(data.path, error) : error
    }
  }
  return {
    thread,
    write: async (group) => {
      const cells = encodeGroup(group)
      return decodeVerdicts((await settled((again) => ({ do: 'append', again, cells }))) as Cells)
    },
    rewrite: async (rewrite) => (await settled((again) => ({ do: 'rewrite', again, rewrite }))) as Verdict | undefined,
    change: async (change) =>
      (await settled(
        (again) => ({ do: 'change', again, change }),
        change.change === 'settle' ? attemptsByDefault : 1,
      )) as number,
    exchange: async (exchange) => (await settled((again) => ({ do: 'exchange', again, exchange }), 1)) as SentExchanged,
    redact: async (tenant, commandId) => (await changeCommands({ change: 'redact', tenant, commandId })) > 0,
    forget: async (change, commitNos) => {
      let count = 0
      for (let from = 0; from < commitNos.length; from += commitsPerStep)
        count += await changeCommands({ change, commitNos: commitNos.slice(from, from + commitsPerStep) })
      return count
    },
    reset: async (identity) => void (await settled(() => ({ do: 'reset', identity }))),
    fork: async (identity) => void (await settled(() => ({ do: 'fork', identity }))),
    close: () => thread.close(),
  }
}

function unsettled(path: string, cause: GestaError): GestaError {
  const message = `Expected ${path} to say whether a change of its command log was kept, but its writer failed meanwhile. Ask for the same again: that is harmless.`
  return new GestaError('store_unavailable', message, { cause, facts: { path } })
}
