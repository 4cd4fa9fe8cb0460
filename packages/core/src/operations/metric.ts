// A metric as plain data: what transports write their text formats from. Labels hold names of the code and states, never an id, a tenant
// or anything else that grows with use.

export interface AppMetricSample {
  readonly labels: { readonly [label: string]: string }
  readonly value: number
}
export interface AppMetric {
  /** `gesta_...`, with its unit: `_seconds`, `_total` for counters. */
  readonly name: string
  readonly help: string
  /**
   * A counter grows from 0 when the process starts; a gauge is how something is now; a summary is how something was lately, by its label
   * `quantile` alone.
   */
  readonly kind: 'counter' | 'gauge' | 'summary'
  readonly samples: readonly AppMetricSample[]
}
/** Reference: docs/reference/operational-events.md. */
export type AppMetrics = readonly AppMetric[]

/** A sample without labels, or none for what is not known. */
export function plainSample(value: number | undefined): readonly AppMetricSample[] {
  return value === undefined ? [] : [{ labels: {}, value }]
}
