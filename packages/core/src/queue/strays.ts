// Runs that the store has given to a worker which does not know of them: the answer of an exchange was lost on its way.
import type { JobEnd, JobRun, JobStore } from '../stores/job/job-store.ts'

const pageMax = 1_000

/** Told as not begun, so that they are begun anew. `known`: runs that the worker has, or has not told the end of. Errors: `store_*`. */
export async function straysOf(
  jobs: Pick<JobStore, 'list'>,
  worker: string,
  known: readonly JobRun[],
): Promise<readonly JobEnd[]> {
  const numbers = new Set(known.map(({ no }) => no))
  const strays: JobEnd[] = []
  let cursor: string | undefined
  do {
    const page = await jobs.list({ states: ['running'] }, { cursor, limit: pageMax })
    for (const { commitNo, index, no, worker: owner } of page.items)
      if (owner === worker && !numbers.has(no)) strays.push({ commitNo, index, no, ending: { kind: 'released' } })
    cursor = page.cursor
  } while (cursor !== undefined)
  return strays
}
