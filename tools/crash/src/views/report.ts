// What a run with views says.
import { countOf, durationOf, grouped } from '../report.ts'
import type { ViewsRun } from './run.ts'

/** `crash: views, sqlite 5 min, 1,234 kills, 56,789 written, 12,345 views compared, 0 findings` */
export function viewsReportLine({ store, kills, written, views, findings }: ViewsRun, elapsedMs: number): string {
  const parts = [
    `${store} ${durationOf(elapsedMs)}`,
    countOf(kills, 'kill'),
    `${grouped(written)} written`,
    `${grouped(views)} views compared`,
    countOf(findings.length, 'finding'),
  ]
  return `crash: views, ${parts.join(', ')}`
}

/** How the rounds ended, and what read models were told. */
export function viewsDetailLines({ seed, rounds, endings, orders, parked }: ViewsRun): readonly string[] {
  const counted = (counts: ReadonlyMap<string, number>): string =>
    [...counts].map(([name, count]) => `${name} ${grouped(count)}`).join(', ')
  return [
    `  seed ${seed}, ${countOf(rounds, 'round')}; ${counted(endings)}`,
    `  told: ${counted(orders)}; ${grouped(parked)} parked or discarded events met`,
  ]
}
