// Serves the routes of the runtime domain, on either address.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { admission } from '../admission.ts'
import { sendProblem } from '../answer.ts'
import { commandHandler } from '../command-route.ts'
import { parseBody } from '../input/json-text.ts'
import { isObject } from '../json-schema.ts'
import { Refusal } from '../problem.ts'
import { queryHandler } from '../query-route.ts'
import type { ServedRoute } from '../served-route.ts'
import type { Asking } from '../serving.ts'
import { controlledPath } from './runtime-table.ts'
import type { RuntimeRoutes } from './runtime-table.ts'

/** `enter`: runs before a handler, and may refuse. */
export function addRuntimeRoutes(
  server: FastifyInstance,
  asking: Asking,
  { routes, controls }: RuntimeRoutes,
  enter?: (request: FastifyRequest, type: string) => Promise<void>,
): void {
  const shared = { onRequest: admission(asking, false), bodyLimit: asking.settings.bodyBytesMax }
  const handlerOf = (route: ServedRoute): RouteHandlerMethod => {
    const handler = route.served.kind === 'command' ? commandHandler(asking, route) : queryHandler(asking, route)
    if (enter === undefined) return handler
    return function (request, reply) {
      enter(request, route.served.type).then(
        () => void handler.call(this, request, reply),
        (error: unknown) => refuse(asking, request, reply, error),
      )
    }
  }
  for (const route of routes) {
    const { path, method } = route
    const handler = handlerOf(route)
    if (!path.text.endsWith(`/${controlledPath}`)) {
      server.route({ method, url: path.router, ...shared, handler })
      continue
    }
    const control = controls.find((each) => each.path.text === path.text)
    const steer = control === undefined ? notHere(asking) : handlerOf(control)
    server.route({
      method,
      url: path.router,
      ...shared,
      handler(request, reply) {
        return (asksForAction(request) ? steer : handler).call(this, request, reply)
      },
    })
  }
}

/** A body that is no JSON is refused by whoever reads it next. */
function asksForAction({ body }: FastifyRequest): boolean {
  try {
    const value = body === undefined ? undefined : parseBody(body as Uint8Array)
    return isObject(value) && Object.hasOwn(value, 'action')
  } catch {
    return false
  }
}

function notHere(asking: Asking): RouteHandlerMethod {
  return (request, reply) => {
    const refusal = new Refusal(
      'admin_only',
      'Without action this lists what handles events; with action it steers it, on the admin address alone. Send it there.',
    )
    refuse(asking, request, reply, refusal)
  }
}

function refuse(asking: Asking, request: FastifyRequest, reply: FastifyReply, error: unknown): void {
  asking.inFlight.arriving.delete(request.raw)
  sendProblem(asking, request, reply, error, false)
}
