// The text formats that scrapers read: OpenMetrics 1.0, and the older one of Prometheus, which differ in the names of counters' families
// and in the end mark.
import type { HistogramSample, Metric, MetricLabels } from './metric.ts'

export type MetricsFormat = 'openmetrics' | 'prometheus'

export const metricsContentTypes: { readonly [Format in MetricsFormat]: string } = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
}

/** Errors: a plain one for a name that is none: a mistake of whoever made the metric. */
export function exposition(metrics: readonly Metric[], format: MetricsFormat): string {
  const families = metrics.map((metric) => familyOf(metric, format))
  return format === 'openmetrics' ? `${families.join('')}# EOF\n` : families.join('')
}

function familyOf(metric: Metric, format: MetricsFormat): string {
  const { name, help, kind } = metric
  if (!namePattern.test(name)) throw new Error(`Expected the name of a metric, received ${JSON.stringify(name)}.`)
  const bare = kind === 'counter' && name.endsWith(total) ? name.slice(0, -total.length) : name
  const sampled = kind === 'counter' ? `${bare}${total}` : bare
  const family = format === 'openmetrics' ? bare : sampled
  const lines = [`# HELP ${family} ${escapedHelp(help, format)}`, `# TYPE ${family} ${kind}`]
  if (metric.kind === 'histogram') for (const sample of metric.samples) lines.push(...histogramLines(bare, sample))
  else for (const { labels, value } of metric.samples) lines.push(`${sampled}${labelText(labels)} ${numberText(value)}`)
  return `${lines.join('\n')}\n`
}

function histogramLines(name: string, { labels, buckets, sum, count }: HistogramSample): readonly string[] {
  return [
    ...buckets.map(([atMost, below]) => `${name}_bucket${labelText({ ...labels, le: boundText(atMost) })} ${below}`),
    `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`,
    `${name}_sum${labelText(labels)} ${numberText(sum)}`,
    `${name}_count${labelText(labels)} ${count}`,
  ]
}

const total = '_total'
const namePattern = /^[A-Za-z_:][\w:]*$/
const labelPattern = /^[A-Za-z_]\w*$/

function labelText(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    if (!labelPattern.test(name)) throw new Error(`Expected the name of a label, received ${JSON.stringify(name)}.`)
    return `${name}="${escaped(value)}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value
    .toWellFormed()
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`)
}

/** OpenMetrics escapes quotes in a help as well; the older format shows the backslash then. */
function escapedHelp(help: string, format: MetricsFormat): string {
  if (format === 'openmetrics') return escaped(help)
  return help
    .toWellFormed()
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', String.raw`\n`)
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'
}

/** A bound is always written as a fraction, so that 1 and 1.0 are one series. */
function boundText(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value)
}
