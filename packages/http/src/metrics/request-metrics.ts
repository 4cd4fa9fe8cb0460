// Counts requests, by the template of their route, method and status, and how long they took.
import type { RequestEnd } from '../watching.ts'
import type { HistogramSample, Metric, MetricLabels, MetricSample } from './metric.ts'

export interface RequestMetrics {
  /** Of a request that has ended. */
  count(end: RequestEnd): void
  metrics(): readonly Metric[]
}

/** Seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

interface Series {
  readonly labels: MetricLabels
  count: number
}
interface Durations extends Series {
  sum: number
  /** How many were at most as long, by the index of the bound; not summed up. */
  readonly buckets: number[]
}

/** `inFlight`: how many are being answered now. */
export function createRequestMetrics(inFlight: () => number): RequestMetrics {
  const requests = new Map<string, Series>()
  const durations = new Map<string, Durations>()
  return {
    count: ({ route, method, status, durationMs }) => {
      const labels = { route, method }
      const ended = known(requests, `${method} ${route} ${status}`, () => ({
        labels: { ...labels, status: String(status) },
        count: 0,
      }))
      ended.count++
      const seconds = durationMs / 1000
      const took = known(durations, `${method} ${route}`, () => ({
        labels,
        count: 0,
        sum: 0,
        buckets: bounds.map(() => 0),
      }))
      took.count++
      took.sum += seconds
      const at = bounds.findIndex((bound) => seconds <= bound)
      if (at !== -1) took.buckets[at] = (took.buckets[at] ?? 0) + 1
    },
    metrics: () => [
      {
        name: 'gesta_http_requests_total',
        help: 'Requests that were answered, or whose caller hung up (status 0).',
        kind: 'counter',
        samples: [...requests.values()].map(({ labels, count }): MetricSample => ({ labels, value: count })),
      },
      {
        name: 'gesta_http_request_duration_seconds',
        help: 'From the headers of a request to the end of its answer.',
        kind: 'histogram',
        samples: [...durations.values()].map(histogramOf),
      },
      {
        name: 'gesta_http_requests_in_flight',
        help: 'Requests for commands and queries that are being answered.',
        kind: 'gauge',
        samples: [{ labels: {}, value: inFlight() }],
      },
    ],
  }
}

function known<Value>(all: Map<string, Value>, key: string, make: () => Value): Value {
  let found = all.get(key)
  if (found === undefined) all.set(key, (found = make()))
  return found
}

function histogramOf({ labels, count, sum, buckets }: Durations): HistogramSample {
  let below = 0
  return { labels, count, sum, buckets: bounds.map((bound, at) => [bound, (below += buckets[at] ?? 0)] as const) }
}
