// Counts commands and queries by type and outcome, and the time they took.
import { statusOf } from '../command-log/classify.ts'
import type { Meter } from '../dispatch/meter.ts'
import type { Clock } from '../time/clock.ts'
import type { AppMetric, AppMetrics } from './metric.ts'

export interface MessageMeter {
  readonly meter: Meter
  metrics(): AppMetrics
}

type Kind = 'command' | 'query'
interface Counted {
  readonly byOutcome: Map<string, number>
  seconds: number
}

/** Types are those of the app's contracts, so what is kept is bounded. */
export function createMessageMeter(clock: Pick<Clock, 'monotonicUs'>): MessageMeter {
  const counted = { command: new Map<string, Counted>(), query: new Map<string, Counted>() }
  const count = (kind: Kind, type: string, startedUs: number, outcome: string): void => {
    let one = counted[kind].get(type)
    if (one === undefined) counted[kind].set(type, (one = { byOutcome: new Map(), seconds: 0 }))
    one.byOutcome.set(outcome, (one.byOutcome.get(outcome) ?? 0) + 1)
    one.seconds += (clock.monotonicUs() - startedUs) / 1e6
  }
  const outcomes = (kind: Kind, name: string, help: string): AppMetric => {
    const samples = [...counted[kind]].flatMap(([type, { byOutcome }]) =>
      [...byOutcome].map(([outcome, value]) => ({ labels: { type, outcome }, value })),
    )
    return { name, help, kind: 'counter', samples }
  }
  const seconds = (kind: Kind, name: string, help: string): AppMetric => {
    const samples = [...counted[kind]].map(([type, one]) => ({ labels: { type }, value: one.seconds }))
    return { name, help, kind: 'counter', samples }
  }
  return {
    meter: {
      ended: count,
      failed: (kind, type, startedUs, cause, signal) => count(kind, type, startedUs, statusOf(cause, signal).status),
    },
    metrics: () => [
      outcomes('command', 'gesta_commands_total', 'Commands by what came of them.'),
      seconds(
        'command',
        'gesta_command_seconds_total',
        'Seconds that commands took, from their arrival to their outcome.',
      ),
      outcomes('query', 'gesta_queries_total', 'Queries by what came of them.'),
      seconds('query', 'gesta_query_seconds_total', 'Seconds that queries took.'),
    ],
  }
}
