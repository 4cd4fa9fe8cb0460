// Runs a query for a request: input, read-your-writes token, and the answer with its entity tag.
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { QueryAnswer } from '@gesta/core/host'
import type { QueryOptions, RequestContext, Token } from '@gesta/core'
import { sendJson, sendProblem } from './answer.ts'
import { callerOf, traced } from './caller.ts'
import { deadlineMs, single } from './headers.ts'
import { readFromBody, readFromUrl } from './input/read-input.ts'
import { partsOf } from './request-parts.ts'
import type { ServedRoute } from './route-table.ts'
import type { Serving } from './serving.ts'

export function queryHandler(serving: Serving, route: ServedRoute): RouteHandlerMethod {
  const { host, settings, tags } = serving
  const { type, shape, role } = route.served
  const readInput = route.method === 'GET' ? readFromUrl : readFromBody
  return (request, reply) => {
    run(request, reply).catch(() => request.raw.socket.destroy())
  }

  async function run(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    let caller: RequestContext | undefined
    try {
      if (settings.authenticate !== undefined) caller = await callerOf(settings.authenticate, settings, request)
      const data = readInput(partsOf(request, route), shape)
      answer(request, reply, await host.query({ type, data }, optionsOf(request, caller)))
    } catch (error) {
      sendProblem(serving, request, reply, error, caller === undefined)
    }
  }

  function optionsOf({ raw }: FastifyRequest, caller: RequestContext | undefined): QueryOptions {
    return {
      context: traced(caller, raw),
      role,
      deadlineMs: deadlineMs(raw, settings.deadlineMs),
      signal: hangUp(raw.socket),
      after: single(raw, 'gesta-after') as Token | undefined,
    }
  }

  function answer({ headers }: FastifyRequest, reply: FastifyReply, { result, version }: QueryAnswer): void {
    if (route.purpose === 'call') return sendJson(serving, reply, JSON.stringify({ kind: 'query', result }))
    const etag = version === undefined ? undefined : tags.of(version)
    const known = headers['if-none-match']
    if (version !== undefined && known !== undefined && route.method === 'GET' && tags.matches(known, version)) {
      reply.code(304).header('etag', etag).header('cache-control', 'private, no-cache').send()
      return
    }
    // The tag names the data; who asks may change what is shown of it.
    if (etag !== undefined) reply.header('vary', 'authorization, cookie')
    sendJson(serving, reply, JSON.stringify(result) ?? 'null', etag)
  }
}

const signals = new WeakMap<Socket, AbortSignal>()

/** Aborts when the connection ends: one signal for all requests of a connection, so that a request costs none. */
function hangUp(socket: Socket): AbortSignal {
  const known = signals.get(socket)
  if (known !== undefined) return known
  const controller = new AbortController()
  socket.once('close', () => controller.abort())
  signals.set(socket, controller.signal)
  return controller.signal
}
