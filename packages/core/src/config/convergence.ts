// Which process has which version, made of what each has told of itself.
import type { Model } from '../read-models/projection.ts'
import { timeUs } from '../time/clock.ts'
import type { ConfigProcess, ConfigProcesses, ConfigReport } from './config-contracts.ts'
import type { ProcessState } from './config-streams.ts'

/** Milliseconds after which a process tells again that it is there. */
export const reportEveryMs = 300_000
/** Who was silent for so long is gone: a process that was killed cannot say so. */
const silentMs = 3 * reportEveryMs

export function convergence(models: readonly Model<ProcessState>[], version: number, nowUs: number): ConfigProcesses {
  const processes = models
    .filter((model) => !isSilent(model, nowUs))
    .flatMap(({ state: { report }, updatedAt }) =>
      report === undefined ? [] : [processOf(report, updatedAt, version)],
    )
  // Where nobody follows, nobody has it.
  const isConverged = processes.length > 0 && processes.every(({ state }) => state === 'applied')
  return { version, isConverged, processes }
}

export function isSilent({ updatedAt }: Pick<Model<ProcessState>, 'updatedAt'>, nowUs: number): boolean {
  return nowUs - timeUs(updatedAt) >= silentMs * 1_000
}

function processOf(report: ConfigReport, reportedAt: string, asked: number): ConfigProcess {
  const { process, version, since, pendingKeys, failure } = report
  const told = failure && { at: failure.at, reason: failure.reason }
  const about = { process, version, since, reportedAt, pendingKeys, ...(told && { failure: told }) }
  if (version < asked)
    return { ...about, state: failure !== undefined && failure.version >= asked ? 'refused' : 'pending' }
  return { ...about, state: pendingKeys.length > 0 ? 'pending' : 'applied' }
}
