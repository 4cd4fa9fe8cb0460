// What must be so when all processes have ended: every job that was acknowledged has succeeded, its effect inside of a commit is there
// once, and the one outside at least once.
import { jobId } from '@gesta/core/ports'
import type { EventStore, JobStore } from '@gesta/core/ports'
import { addedType } from './protocol.ts'

export interface JobsChecked {
  /** All that were stored, also those whose enqueuing nobody was told of. */
  readonly jobs: number
  /** Runs beyond the first of each job, as far as they came to the effect outside. */
  readonly repeated: number
  readonly findings: readonly string[]
}
/** Findings that are told; one cause has many. */
const toldMax = 10

export async function checkJobs(
  { events, jobs }: { readonly events: EventStore; readonly jobs: JobStore },
  acknowledged: readonly string[],
  effects: readonly string[],
): Promise<JobsChecked> {
  const states = await statesOf(jobs)
  const inside = await insideOf(events)
  const outside = countsOf(effects)
  const findings: string[] = []
  for (const id of acknowledged) if (!states.has(id)) findings.push(`${id} was acknowledged and is lost.`)
  for (const [id, state] of states) {
    if (state !== 'succeeded') findings.push(`${id} is ${state}.`)
    if (inside.get(id) !== 1) findings.push(`${id} has its effect inside of a commit ${inside.get(id) ?? 0} times.`)
    if (!outside.has(id)) findings.push(`${id} has no effect outside.`)
  }
  for (const id of inside.keys()) if (!states.has(id)) findings.push(`${id} has an effect, and is no job.`)
  const repeated = [...outside.values()].reduce((sum, count) => sum + count - 1, 0)
  return { jobs: states.size, repeated, findings: findings.slice(0, toldMax) }
}

async function statesOf(jobs: JobStore): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>()
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await jobs.list({}, { limit: 5_000, ...(cursor !== undefined && { cursor }) })
    for (const row of page.items) states.set(jobId(row), row.state)
    cursor = page.cursor
  }
  return states
}

async function insideOf(events: EventStore): Promise<ReadonlyMap<string, number>> {
  const ids: string[] = []
  for (let after = 0; ;) {
    const page = await events.readAll({ after, limit: 5_000 })
    for (const { type, data } of page) if (type === addedType) ids.push((JSON.parse(data) as { job: string }).job)
    const last = page.at(-1)
    if (last === undefined) return countsOf(ids)
    after = last.position
  }
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
