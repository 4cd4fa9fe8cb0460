// W3C trace context, version 00: a span as the one line that requests, contexts and commits carry.
import { isSpanContextValid } from '@opentelemetry/api'
import type { SpanContext } from '@opentelemetry/api'

/** `ff` is no version. */
const form = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** Absent for what names no span. */
export function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags = ''] = form.exec(traceparent ?? '') ?? []
  if (traceId === undefined || spanId === undefined) return undefined
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return isSpanContextValid(found) ? found : undefined
}

/** Absent where nothing records spans. */
export function traceparentOf(span: SpanContext): string | undefined {
  if (!isSpanContextValid(span)) return undefined
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`
}
