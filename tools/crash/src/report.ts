// What a run says: a line now and then, a line at its end, and everything that was found.
import type { Run } from './run.ts'

/** `crash: sqlite 30 min, 1,234 kills, 567,890 acknowledged, 0 findings` */
export function reportLine({ store, kills, harms, acknowledged, findings }: Run, elapsedMs: number): string {
  const harmed = [...harms.values()].reduce((sum, times) => sum + times, 0)
  const parts = [
    `${store} ${durationOf(elapsedMs)}`,
    countOf(kills, 'kill'),
    ...(harmed > 0 ? [countOf(harmed, 'fault') + ' lived through'] : []),
    `${grouped(acknowledged)} acknowledged`,
    countOf(findings.length, 'finding'),
  ]
  return `crash: ${parts.join(', ')}`
}

/** How the rounds ended, and what became of the commits of which nobody was told anything. */
export function detailLines({ seed, endings, left }: Run): readonly string[] {
  const times = [...endings].map(([name, count]) => `${name} ${grouped(count)}`)
  return [
    `  seed ${seed}; ${times.join(', ')}`,
    `  of commits that were not answered ${grouped(left.whole)} were there whole, ${grouped(left.absent)} not at all`,
  ]
}

export function durationOf(ms: number): string {
  const [minutes, seconds] = [Math.floor(ms / 60_000), Math.floor(ms / 1000) % 60]
  if (minutes === 0) return `${seconds} s`
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`
}

export function countOf(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? '' : 's'}`
}

export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
