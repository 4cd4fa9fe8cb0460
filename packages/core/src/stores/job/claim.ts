// Which of the jobs that may run a worker gets: by priority and number, within the limits of each queue.
import type { JobRow } from './job.ts'
import type { JobExchange, QueueWish } from './job-store.ts'
import type { JobChanges, JobView } from './job-view.ts'

/** Names a key of a tenant in a queue, as running jobs are counted by. */
export function limitKey({ queue, tenant, key }: Pick<JobRow, 'queue' | 'tenant' | 'key'>): string {
  return JSON.stringify([queue, tenant, key])
}

/**
 * Running jobs by queue and by `limitKey` once this exchange's ends, and the losses of workers that are gone, are settled. For stores:
 * how many jobs a wish can get depends on it, so that the end of a run makes room for the next one in the same exchange.
 */
export function stillRunning(
  { worker, ends }: Pick<JobExchange, 'worker' | 'ends'>,
  { runs, orphaned, running }: Pick<JobView, 'runs' | 'orphaned' | 'running'>,
): ReadonlyMap<string, number> {
  const counts = new Map(running)
  const over = new Set(ends.map(({ commitNo, index, no }) => `${commitNo}.${index}.${no}`))
  const isOver = (row: JobRow): boolean =>
    row.state === 'running' && row.worker === worker && over.has(`${row.commitNo}.${row.index}.${row.no}`)
  for (const row of [...runs.filter(isOver), ...orphaned])
    for (const name of row.key === undefined ? [row.queue] : [row.queue, limitKey(row)]) {
      const count = counts.get(name)
      if (count !== undefined) counts.set(name, count - 1)
    }
  return counts
}

/** What a worker gets of `candidates`, which are in the order in which they should run. */
export function claimsOf(
  wishes: readonly QueueWish[],
  candidates: readonly JobRow[],
  { paused, running, begun }: Pick<JobView, 'paused' | 'running' | 'begun'>,
): { readonly rows: readonly JobRow[]; readonly begun: JobChanges['begun'] } {
  const rows: JobRow[] = []
  const starts: { queue: string; count: number }[] = []
  for (const wish of wishes) {
    const { queue, runningMax = Number.POSITIVE_INFINITY, runningPerKeyMax, rate } = wish
    if (paused.has(queue)) continue
    const types = new Set(wish.types)
    let left = Math.min(wish.room, runningMax - (running.get(queue) ?? 0), leftOf(rate, begun.get(queue)))
    const from = rows.length
    const counts = new Map<string, number>()
    for (const row of candidates) {
      if (left <= 0) break
      if (row.queue !== queue || !types.has(row.type)) continue
      if (runningPerKeyMax !== undefined && row.key !== undefined) {
        const name = limitKey(row)
        const count = counts.get(name) ?? running.get(name) ?? 0
        if (count >= runningPerKeyMax) continue
        counts.set(name, count + 1)
      }
      rows.push(row)
      left--
    }
    if (rate !== undefined && rows.length > from) starts.push({ queue, count: rows.length - from })
  }
  return { rows, begun: starts }
}

function leftOf(rate: QueueWish['rate'], begun = 0): number {
  return rate === undefined ? Number.POSITIVE_INFINITY : rate.max - begun
}
