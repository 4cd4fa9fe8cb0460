// Serves the pages: one scope of the web server with its own parser, its own answers to errors, and nothing of the others'.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { isFull } from '../admission.ts'
import { pathTemplate } from '../path-template.ts'
import { checkHttps } from '../production.ts'
import { Refusal } from '../problem.ts'
import type { ServedPath } from '../refusals.ts'
import { sendError } from './error-page.ts'
import { formBytesMax } from './form.ts'
import { pageRoutes } from './page-routes.ts'
import type { Act } from './page-routes.ts'
import { assets } from './paths.ts'
import { script } from './script.ts'
import { sendAnswer, sendAsset } from './send.ts'
import { style } from './style.ts'
import { visitOf } from './visit.ts'
import type { RouteTable } from '../route-table.ts'
import type { Pages } from './visit.ts'

/** Adds the routes and returns their paths. Errors: a plain one where a route of the app has a path of theirs. */
export function addPages(server: FastifyInstance, pages: Pages, table: RouteTable): readonly ServedPath[] {
  const served = [
    ...pageRoutes.map(({ method, path }) => ({ path: pathTemplate(path, path), method })),
    ...Object.values(assets).map((path) => ({ path: pathTemplate(path, path), method: 'GET' })),
  ]
  for (const { path } of served) {
    const other = table.routes.find((route) => route.path.shape === path.shape)
    if (other !== undefined)
      throw new Error(
        `serve: the route of ${other.served.type} is ${path.shape}, which is a page. Change it, or leave pages out.`,
      )
  }
  server.register(async (scope) => {
    acceptFormsOnly(scope)
    scope.setErrorHandler((error, request, reply) => sendError(pages, request, reply, error))
    // What a form does may be trying passwords and codes, so it counts by the strict bound of an address.
    scope.addHook('onRequest', async (request) => {
      if (isFull(pages.serving)) throw new Refusal('overloaded', 'Nothing was done. Try again.')
      await pages.serving.limit?.check(request.ip, request.method === 'POST')
    })
    for (const { method, path, act } of pageRoutes)
      scope.route({ method, url: path, bodyLimit: formBytesMax, handler: handlerOf(pages, act) })
    scope.get(assets.style, (_request, reply) => sendAsset(pages.serving, reply, 'text/css', style))
    scope.get(assets.script, (_request, reply) => sendAsset(pages.serving, reply, 'text/javascript', script))
  })
  return served
}

function handlerOf(pages: Pages, act: Act): RouteHandlerMethod {
  const { serving, visitors } = pages
  return (request, reply) => void run(request, reply)

  async function run(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    serving.inFlight.running++
    try {
      if (serving.settings.production) checkHttps(request)
      if (request.method === 'POST') visitors.checkOrigin(request)
      sendAnswer(pages, reply, await act(await visitOf(pages, request, reply)))
    } catch (error) {
      sendError(pages, request, reply, error)
    } finally {
      serving.inFlight.running--
    }
  }
}

function acceptFormsOnly(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (request, body, done) => {
    if (request.headers['content-encoding'] === undefined) done(null, body)
    else done(new Refusal('unsupported_media_type', 'Expected a form without content-encoding.'))
  })
}
