// How read models and parked events are shown to people.
import type { ReadModelStatus } from '@gesta/core/host'
import type { ParkedEvent } from '@gesta/core/ports'
import { counted, grouped, rounded, spanOf } from './numbers.ts'
import { tableOf } from './table.ts'

/** A line each, with headings. */
export function statusTable(statuses: readonly ReadModelStatus[]): string {
  if (statuses.length === 0) return 'The app has no read models.'
  return tableOf([
    ['read model', 'version', 'generation', 'state', 'position', 'behind', 'parked', 'owned'],
    ...statuses.map(({ name, modelVersion, generation, state, metrics, parked, owned }) => [
      name,
      String(modelVersion),
      generation === undefined ? 'none' : String(generation),
      state,
      grouped(metrics.lastPosition),
      grouped(metrics.lagEvents),
      String(parked),
      owned ? 'here' : state === 'stopped' || state === 'failed' || state === 'diverged' ? 'not here' : 'elsewhere',
    ]),
  ])
}

/** All of one. */
export function statusText(status: ReadModelStatus): string {
  const { metrics, restore, lastError, failedAt } = status
  const { latencyMs } = metrics
  const lines = [
    ['read model', status.name],
    ['version', String(status.modelVersion)],
    ['generation', status.generation === undefined ? 'none yet' : String(status.generation)],
    ['state', status.state],
    ['owned', status.owned ? 'by this process' : 'by another process, or none'],
    [
      'position',
      `${grouped(metrics.lastPosition)}${metrics.lastEventAt === undefined ? '' : `, recorded ${metrics.lastEventAt}`}`,
    ],
    ['behind', `${counted(metrics.lagEvents, 'event')}, ${spanOf(metrics.lagMs)}`],
    [
      'events',
      `${grouped(metrics.processed)} given, ${grouped(metrics.applied)} applied, ${grouped(metrics.skipped)} skipped, ${grouped(metrics.failed)} failed attempts`,
    ],
    ...(latencyMs === undefined
      ? []
      : [
          [
            'latency',
            `p50 ${rounded(latencyMs.p50)} ms, p95 ${rounded(latencyMs.p95)} ms, p99 ${rounded(latencyMs.p99)} ms`,
          ],
        ]),
    ['parked', String(status.parked)],
    ...(restore === undefined ? [] : [['building', progressText(restore)]]),
    ...(lastError === undefined ? [] : [['last error', lastError]]),
    ...(failedAt === undefined
      ? []
      : [['failed at', `${failedAt.type} ${failedAt.eventId} at position ${grouped(failedAt.position)}`]]),
  ]
  return tableOf(lines)
}

/** How far a build has come, in one line. */
export function progressText(progress: NonNullable<ReadModelStatus['restore']>): string {
  const { generation, position, total, eventsPerSecond, remainingMs } = progress
  const percent = total === 0 ? 100 : Math.floor((100 * position) / total)
  const remaining = remainingMs === undefined ? '' : `, ${spanOf(remainingMs)} left`
  return `generation ${generation}: ${grouped(position)} of ${grouped(total)} (${percent} %), ${grouped(Math.round(eventsPerSecond))} events/s${remaining}`
}

/** A line each, with headings. */
export function parkedTable(events: readonly ParkedEvent[]): string {
  if (events.length === 0) return 'No parked events.'
  return tableOf([
    ['position', 'tenant', 'key', 'type', 'attempts', 'error', 'remarks'],
    ...events.map((event) => [
      String(event.position),
      event.tenant,
      event.key,
      event.type,
      String(event.attempts),
      event.error ?? 'waits behind another',
      remarksOf(event),
    ]),
  ])
}

function remarksOf({ asked, discarded, reason }: ParkedEvent): string {
  const state = discarded ? 'discarded' : asked === undefined ? '' : `${asked} asked for`
  return reason === undefined ? state : `${state}: ${reason}`
}
