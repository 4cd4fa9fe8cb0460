// Metrics as plain data: what the text formats are written from.

/** Names and values; never an id, an address or a tenant: each combination is a series that is kept for ever. */
export interface MetricLabels {
  readonly [name: string]: string
}
export interface MetricSample {
  readonly labels: MetricLabels
  readonly value: number
}
export interface HistogramSample {
  readonly labels: MetricLabels
  /** Upper bounds, inclusive and rising, each with how many observations are at most as large. */
  readonly buckets: readonly (readonly [atMost: number, count: number])[]
  readonly sum: number
  readonly count: number
}
export type Metric = { readonly name: string; readonly help: string } &
  /** A summary has quantiles alone, as a label of its samples. */
  (
    | { readonly kind: 'counter' | 'gauge' | 'summary'; readonly samples: readonly MetricSample[] }
    | { readonly kind: 'histogram'; readonly samples: readonly HistogramSample[] }
  )
