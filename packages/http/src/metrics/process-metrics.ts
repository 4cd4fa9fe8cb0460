// What a process tells of itself: memory, processor time, and how late its event loop is.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metric, MetricSample } from './metric.ts'

export interface ProcessMetrics extends Disposable {
  metrics(): readonly Metric[]
}

const nanosecondsPerSecond = 1e9

/** Watches the event loop until it is disposed of; delays are those since the last look. */
export function createProcessMetrics(): ProcessMetrics {
  const delays = monitorEventLoopDelay({ resolution: 20 })
  delays.enable()
  const startedAt = Date.now() / 1000 - process.uptime()
  return {
    metrics: () => {
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
      const { user, system } = process.cpuUsage()
      const lateness = [0.5, 0.99].map((quantile): MetricSample => ({
        labels: { quantile: String(quantile) },
        value: secondsOf(delays.percentile(quantile * 100)),
      }))
      const latest = { labels: { quantile: '1' }, value: secondsOf(delays.max) }
      delays.reset()
      return [
        gauge('process_resident_memory_bytes', 'Memory that the process holds.', rss),
        gauge('nodejs_heap_used_bytes', 'Memory of JavaScript that is in use.', heapUsed),
        gauge('nodejs_heap_size_bytes', 'Memory of JavaScript that is reserved.', heapTotal),
        gauge('nodejs_external_memory_bytes', 'Memory outside of the heap that objects hold.', external),
        {
          name: 'process_cpu_seconds_total',
          help: 'Processor time.',
          kind: 'counter',
          samples: [{ labels: {}, value: (user + system) / 1e6 }],
        },
        gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', startedAt),
        {
          name: 'nodejs_eventloop_delay_seconds',
          help: 'How late timers of the event loop were since the last look.',
          kind: 'summary',
          samples: [...lateness, latest],
        },
      ]
    },
    [Symbol.dispose]: () => void delays.disable(),
  }
}

/** Nothing was measured yet when it is no number, or 0. */
function secondsOf(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) && nanoseconds > 0 ? nanoseconds / nanosecondsPerSecond : 0
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, kind: 'gauge', samples: [{ labels: {}, value }] }
}
