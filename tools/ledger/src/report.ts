// What a run says at its end.
import type { FaultKind } from './faults.ts'
import type { Run } from './run.ts'

/** `ledger: nats 2,000 messages, 3 kills, 2 restarts, ..., 57 deliveries repeated, 41 s, 0 findings` */
export function reportLine({ broker, messages, faults, lateHad, repeated, elapsedMs, findings }: Run): string {
  const parts = [
    `${broker} ${countOf(messages, 'message')}`,
    ...([...faults] as readonly (readonly [FaultKind, number])[]).map(([kind, times]) => countOf(times, kind)),
    `${grouped(lateHad)} had by the group that came late`,
    `${countOf(repeated, 'delivery', 'deliveries')} repeated`,
    `${Math.round(elapsedMs / 1000)} s`,
    countOf(findings.length, 'finding'),
  ]
  return `ledger: ${parts.join(', ')}`
}

export function detailLines({ seed, handedInAgain, notRun }: Run): readonly string[] {
  return [
    `  seed ${seed}; ${countOf(handedInAgain, 'command')} handed in again`,
    ...notRun.map((what) => `  not run: ${what}`),
  ]
}

function countOf(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
