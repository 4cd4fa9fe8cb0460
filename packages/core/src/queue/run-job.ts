// One run of a job: its input is parsed, its handler runs, and it is over when everything is that it sent, or when its time is up.
import { decode } from '../codec/json.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Engine } from '../dispatch/engine.ts'
import type { RunHandler } from '../dispatch/handler.ts'
import { createSending } from '../dispatch/sending.ts'
import { tracedApart } from '../dispatch/traced.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { observationNames } from '../observation/observation-names.ts'
import { admit, observeEntry } from '../registry/registry.ts'
import { parse } from '../schema/parse.ts'
import type { ClaimedJob } from '../stores/job/job.ts'
import type { JobEnding } from '../stores/job/job-store.ts'
import { deadline } from '../time/deadline.ts'
import { contextOfJob, jobContext } from './job-context.ts'
import { endingOfAnswer, endingOfFailure } from './job-ending.ts'
import { createTelling } from './telling.ts'
import type { Told } from './telling.ts'

/** Why a run shall end before it is done: somebody wants it, another process has the job, or this one stops. */
export type Interruption = 'cancelled' | 'lost' | 'stopping'
export interface RunningJob {
  readonly job: ClaimedJob
  /** How it ended. Never rejects. */
  readonly ended: Promise<JobEnding>
  /** Aborts its signal; what it does then is its own matter, until its time is up. */
  interrupt(why: Interruption): void
  /** Aborts its signal, and refuses whatever it still sends. */
  abandon(): void
  /** What it said since the last time. */
  told(): Told | undefined
}

const timeoutMsDefault = 900_000

export function runJob(engine: Engine, job: ClaimedJob): RunningJob {
  const { registry, role, alarms, clock, ids } = engine
  const { type } = job
  const telling = createTelling(clock, job.attempt)
  const sending = createSending(`The job ${type}`)
  const controller = new AbortController()
  let why: Interruption | undefined

  const work = async (entry: ReturnType<typeof admit>): Promise<JobEnding> => {
    const limit = deadline(alarms, undefined, controller.signal)
    try {
      const parsed = parse(entry.contract.input, decode(job.data), 'invalid_input', type)
      const input = parsed instanceof Promise ? await parsed : parsed
      observeEntry(registry, observationNames.executeJob, entry, role)
      const { run } = entry.handler as RunHandler
      const { signal } = controller
      const answer = await tracedApart(engine.tracing, 'job', type, contextOfJob(job), (context) =>
        run(input, jobContext({ engine, job, context, sending, telling, limit, signal })),
      )
      const lost = await sending.close()
      if (lost !== undefined) throw lost.cause
      return endingOfAnswer(job, answer)
    } finally {
      await sending.close()
      limit.release()
    }
  }
  const inTime = (contract: ContractParts, going: Promise<JobEnding>): Promise<JobEnding> =>
    new Promise((resolve, reject) => {
      const { timeoutMs = timeoutMsDefault } = contract.settings ?? {}
      const alarm = alarms.set(clock.monotonicUs() + timeoutMs * 1000, () => {
        const error = overdue(type, timeoutMs)
        sending.end()
        controller.abort(error)
        reject(error)
      })
      going.then(resolve, reject).finally(() => alarm.cancel())
    })
  const settle = async (): Promise<JobEnding> => {
    let contract: ContractParts | undefined
    try {
      const entry = admit(registry, 'job', type, role)
      ;({ contract } = entry)
      const ending = await inTime(contract, work(entry))
      return why === 'cancelled' ? cancelled : ending
    } catch (cause) {
      if (why === 'cancelled') return cancelled
      if (why !== undefined) return { kind: 'released' }
      return endingOfFailure(job, cause, contract, ids.random)
    }
  }
  const interrupt = (reason: Interruption): void => {
    why ??= reason
    controller.abort(interrupted(type, why))
  }
  return {
    job,
    ended: settle(),
    interrupt,
    abandon: () => {
      sending.end()
      interrupt('stopping')
    },
    told: telling.take,
  }
}

const cancelled: JobEnding = { kind: 'cancelled', reason: 'It was told to end.' }

function overdue(type: string, timeoutMs: number): GestaError {
  const message = `The job ${type} had not ended after ${timeoutMs} ms. Do less in one run, or raise timeoutMs of its contract.`
  return new GestaError('deadline_exceeded', message, { facts: { contract: type } })
}

function interrupted(type: string, why: Interruption): Error {
  const said = {
    cancelled: 'was told to end',
    lost: 'was given to another worker',
    stopping: 'is left to another worker',
  }
  return new Error(`The job ${type} ${said[why]}.`)
}
