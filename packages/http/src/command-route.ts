// Runs a command for a request: input, preconditions, dispatch, and the outcome as an answer.
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { DispatchOptions, Outcome, RequestContext } from '@gesta/core'
import { cached, sendJson, sendProblem, uncached, writeProblem } from './answer.ts'
import { callerOf, traced } from './caller.ts'
import { commandId, deadlineMs, idempotencyKey, metadataOf } from './headers.ts'
import { readFromBody } from './input/read-input.ts'
import { partsOf, targeted } from './request-parts.ts'
import type { Problem } from './problem.ts'
import type { ServedRoute } from './served-route.ts'
import type { Asking } from './serving.ts'
import { statuses, titleOf, typeOf } from './status.ts'

type AnyOutcome = Outcome<unknown, { readonly [code: string]: unknown }>

export function commandHandler(serving: Asking, route: ServedRoute): RouteHandlerMethod {
  const { host, settings, inFlight } = serving
  const { served } = route
  const { type, shape } = served
  return (request, reply) => {
    inFlight.arriving.delete(request.raw)
    void run(request, reply)
  }

  async function run(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    let caller: RequestContext | undefined
    inFlight.running++
    try {
      if (settings.authenticate !== undefined) caller = await callerOf(settings.authenticate, settings, request)
      const data = readFromBody(partsOf(request, route), shape)
      const outcome = await host.dispatch({ type, data }, optionsOf(request, caller))
      if (outcome.ok) answer(reply, outcome)
      else writeProblem(serving, reply.header('gesta-token', outcome.token), rejectionOf(outcome))
    } catch (error) {
      sendProblem(serving, request, reply, error, caller?.account === undefined)
    } finally {
      inFlight.running--
    }
  }

  function optionsOf(request: FastifyRequest, caller: RequestContext | undefined): DispatchOptions {
    const { raw, ip } = request
    return {
      context: route.purpose === 'runtime' ? targeted(traced(caller, raw), request) : traced(caller, raw),
      role: served.role,
      deadlineMs: deadlineMs(raw, settings.deadlineMs),
      idempotencyKey: idempotencyKey(raw),
      commandId: commandId(raw),
      expectedVersion: serving.tags.expectedVersion(raw, served.exposed.versioned),
      metadata: metadataOf(ip, raw),
    }
  }

  function answer(
    reply: FastifyReply,
    { result, token, commandId: id, version }: AnyOutcome & { readonly ok: true },
  ): void {
    const body =
      route.purpose === 'call'
        ? { kind: 'command', result, token, commandId: id, version }
        : { result, token, commandId: id, version }
    const tagged = served.exposed.versioned && version !== undefined
    const kept = tagged ? cached(serving.tags.of(version)) : uncached
    sendJson(serving, reply, JSON.stringify(body), ['gesta-token', token, ...kept])
  }
}

/** A business no: a problem whose code is the rejection's, marked so that nobody takes it for a fault. */
function rejectionOf({ rejection, token, commandId: id, version }: AnyOutcome & { readonly ok: false }): Problem {
  return {
    type: typeOf('rejected'),
    title: titleOf('rejected'),
    status: statuses.rejected,
    code: rejection.code,
    detail: rejection.reason,
    rejected: true,
    details: rejection.details,
    token,
    commandId: id,
    version,
  }
}
