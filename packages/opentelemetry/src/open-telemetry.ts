// Spans of an app, over the API alone: which SDK records them, and where they go, is the application's choice.
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Context, Span, Tracer } from '@opentelemetry/api'
import type { TracedOperation, Tracing } from '@gesta/core'
import { checkOptions } from '@gesta/core/host'
import { spanContextOf, traceparentOf } from './traceparent.ts'

export interface OpenTelemetryOptions {
  /** Default: the one named `gesta` of the process's provider. */
  readonly tracer?: Tracer | undefined
}

const spanKinds: { readonly [Kind in TracedOperation['kind']]: SpanKind } = {
  command: SpanKind.INTERNAL,
  query: SpanKind.INTERNAL,
  commit: SpanKind.CLIENT,
  job: SpanKind.CONSUMER,
  subscriber: SpanKind.CONSUMER,
}

/**
 * For `start({ tracing: openTelemetry() })`. A span is the child of the one that is active, such as that of the request, else of the one that
 * its context names; what runs apart from its cause, because that lies in the store, is a trace of its own, linked to it. Attributes are kind
 * and name alone: no id, no tenant, no payload, and of an error its code.
 * Reference: docs/guides/telemetry.md.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Tracing {
  checkOptions(options, ['tracer'], 'openTelemetry()')
  const { tracer = trace.getTracer('gesta') } = options
  return {
    span: async (operation, work) => {
      const begun = quietly(() => begin(tracer, operation))
      if (begun === undefined) return work(operation.traceparent)
      const { span, inside, own } = begun
      try {
        return await context.with(inside, () => work(own ?? operation.traceparent))
      } catch (error) {
        quietly(() => fail(span, error))
        throw error
      } finally {
        quietly(() => span.end())
      }
    },
  }
}

/** A span, the context in which it is active, and its own `traceparent`. */
function begin(
  tracer: Tracer,
  { kind, name, traceparent, isApart }: TracedOperation,
): { readonly span: Span; readonly inside: Context; readonly own: string | undefined } {
  const cause = spanContextOf(traceparent)
  const attributes = { 'gesta.kind': kind, 'gesta.name': name }
  const links = isApart && cause !== undefined ? [{ context: cause }] : []
  const parent = isApart ? ROOT_CONTEXT : parentOf(traceparent)
  const span = tracer.startSpan(`${kind} ${name}`, { kind: spanKinds[kind], attributes, links }, parent)
  return { span, inside: trace.setSpan(parent, span), own: traceparentOf(span.spanContext()) }
}

/** What telemetry fails with, such as a processor of spans, must not become the failure of what it watches. */
function quietly<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** What is active is nearer than what a header or a stored context says. */
function parentOf(traceparent: string | undefined): Context {
  const active = context.active()
  if (traceparent === undefined || trace.getSpanContext(active) !== undefined) return active
  const cause = spanContextOf(traceparent)
  return cause === undefined ? active : trace.setSpanContext(active, cause)
}

/** Codes are kept; what an error says may hold what nobody should see. */
function fail(span: Span, error: unknown): void {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  span.setAttribute('error.type', typeof code === 'string' ? code : typeof name === 'string' ? name : 'error')
  span.setStatus({ code: SpanStatusCode.ERROR })
}
