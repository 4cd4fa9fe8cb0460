// What a run with jobs says.
import { countOf, durationOf, grouped } from '../report.ts'
import type { JobsRun } from './run.ts'

/** `crash: jobs, sqlite 5 min, 123 kills, 45 stops, 6,789 jobs acknowledged, 0 findings` */
export function jobsReportLine({ store, kills, stops, acknowledged, findings }: JobsRun, elapsedMs: number): string {
  const parts = [
    `${store} ${durationOf(elapsedMs)}`,
    countOf(kills, 'kill'),
    countOf(stops, 'stop'),
    `${grouped(acknowledged)} jobs acknowledged`,
    countOf(findings.length, 'finding'),
  ]
  return `crash: jobs, ${parts.join(', ')}`
}

export function jobsDetailLines({ seed, jobs, repeated, lost, harms, recoveriesMs }: JobsRun): readonly string[] {
  const sorted = recoveriesMs.toSorted((one, other) => one - other)
  const at = (part: number): string => grouped(sorted[Math.floor((sorted.length - 1) * part)] ?? 0)
  const counted = [...harms].map(([name, count]) => `${name} ${grouped(count)}`).join(', ')
  return [
    `  seed ${seed}; ${grouped(jobs)} jobs have succeeded, ${grouped(repeated)} runs were repeated, ${grouped(lost)} were told that others have their jobs`,
    `  ${countOf(sorted.length, 'worker')} recovered: median ${at(0.5)} ms, slowest ${at(1)} ms${counted === '' ? '' : `; ${counted}`}`,
  ]
}
