// Spans around what the engine does, where an application wants them.
import type { TracedOperation, Tracing } from '../observation/tracing.ts'
import type { RequestContext } from '../request-context/request-context.ts'

interface InContext {
  readonly context?: RequestContext | undefined
}

/** Runs `work` inside of a span, with options whose context names it; at once where nobody traces. */
export function traced<Options extends InContext, Result>(
  tracing: Tracing | undefined,
  kind: TracedOperation['kind'],
  name: string,
  options: Options,
  work: (options: Options) => Promise<Result>,
): Promise<Result> {
  if (tracing === undefined) return work(options)
  const { context } = options
  const operation = { kind, name, traceparent: context?.traceparent, isApart: false }
  return tracing.span(operation, (traceparent) =>
    work(traceparent === undefined ? options : { ...options, context: { ...context, traceparent } }),
  )
}

/** The same for what was caused by something that lies in the store: the context of what is done on behalf of it. */
export function tracedApart<Result>(
  tracing: Tracing | undefined,
  kind: 'job' | 'subscriber',
  name: string,
  context: RequestContext,
  work: (context: RequestContext) => Promise<Result>,
): Promise<Result> {
  if (tracing === undefined) return work(context)
  const operation = { kind, name, traceparent: context.traceparent, isApart: true }
  return tracing.span(operation, (traceparent) =>
    work(traceparent === undefined ? context : { ...context, traceparent }),
  )
}
