// Who asks: what `authenticate` says, with the trace of the request.
import type { IncomingMessage } from 'node:http'
import { findGestaError } from '@gesta/core/host'
import type { RequestContext } from '@gesta/core'
import { pathOf } from './answer.ts'
import { single, traceparent } from './headers.ts'
import { tell } from './logger.ts'
import type { Logger } from './logger.ts'
import { Refusal } from './problem.ts'
import type { AskedRequest, WhoAsks } from './authenticate.ts'
import { statuses } from './status.ts'
import { noteCaller, placeOf, requestIdOf } from './watching.ts'

/**
 * The caller, at once where that is possible; `undefined` for an anonymous one. Errors: `unauthenticated`; `invalid_header` for credentials given twice;
 * `deadline_exceeded` when nobody says who it is.
 */
export function callerOf(
  whoAsks: WhoAsks,
  { deadlineMs, logger }: { readonly deadlineMs: number; readonly logger: Logger },
  request: AskedRequest,
): RequestContext | undefined | Promise<RequestContext | undefined> {
  single(request.raw, 'authorization')
  try {
    const answer = whoAsks(request)
    if (!(answer instanceof Promise)) return noteCaller(request.raw, answer)
    const inHand = (caller: RequestContext | undefined): RequestContext | undefined => noteCaller(request.raw, caller)
    return inTime(answer, deadlineMs).then(inHand, (error: unknown) => refuse(error, logger, request))
  } catch (error) {
    return refuse(error, logger, request)
  }
}

function refuse(error: unknown, logger: Logger, { method, url, raw }: AskedRequest): never {
  if (error instanceof Refusal) throw error
  const known = findGestaError(error)
  if (known !== undefined && statuses[known.code] >= 500) throw error
  // It may be the credentials or a fault of whoever checks them: only the log can tell.
  const requestId = requestIdOf(raw)
  const facts = { requestId, method, path: pathOf(url), ...placeOf(raw), error }
  tell(logger, 'warn', facts, 'A caller was not authenticated.')
  throw new Refusal('unauthenticated', 'The credentials were refused.', { requestId })
}

/** The answer, or `deadline_exceeded` when it does not come. */
export function inTime<T>(answer: Promise<T>, deadlineMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Refusal('deadline_exceeded', 'Nothing was done. Try again.')), deadlineMs)
    void answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** The caller's context with the request's trace, when it has one. */
export function traced(caller: RequestContext | undefined, request: IncomingMessage): RequestContext | undefined {
  if (request.headers['traceparent'] === undefined || caller?.traceparent !== undefined) return caller
  const trace = traceparent(request)
  return trace === undefined ? caller : { ...caller, traceparent: trace }
}

/** The caller for the data of a tenant: what else it is stays as it was. */
export function targeting(caller: RequestContext | undefined, tenant: string): RequestContext {
  return { ...caller, targetTenant: tenant }
}
