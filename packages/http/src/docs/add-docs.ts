// Serves the document for programs and the pages for people.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { openApiDocument } from '../openapi/document.ts'
import type { RouteTable } from '../route-table.ts'
import type { Serving } from '../serving.ts'
import { overviewPage, problemsPage } from './pages.ts'
import { style } from './style.ts'
import { secure } from '../security-headers.ts'

const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Adds the routes and returns their paths. What they show is made on first use: most processes are never asked. */
export function addDocs(server: FastifyInstance, serving: Serving, table: RouteTable): readonly string[] {
  const { name } = serving.host
  const { settings, host } = serving
  const sessions = settings.sessions !== undefined
  const beside = { events: settings.events !== undefined, runtime: host.runtime !== undefined, sessions }
  const document = once(() => JSON.stringify(openApiDocument(name, table, beside)))
  const problems = once(() => problemsPage(name))
  server.get('/docs', (request, reply) =>
    send(
      serving,
      reply,
      'text/html',
      overviewPage(name, table, settings.origin ?? `${request.protocol}://${request.host}`, sessions),
    ),
  )
  server.get('/docs/errors', (_request, reply) => send(serving, reply, 'text/html', problems()))
  server.get('/docs/style.css', (_request, reply) => send(serving, reply, 'text/css', style))
  server.get('/docs/api', (_request, reply) => send(serving, reply, 'application/json', document()))
  return ['/docs', '/docs/errors', '/docs/style.css', '/docs/api']
}

function send(serving: Serving, reply: FastifyReply, type: string, text: string): void {
  secure(serving, reply)
    .header('content-type', `${type}; charset=utf-8`)
    .header('content-security-policy', policy)
    .header('cache-control', 'no-cache')
  if (serving.stopping) reply.header('connection', 'close')
  reply.send(text)
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
