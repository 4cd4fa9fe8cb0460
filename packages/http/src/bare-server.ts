// A web server without a route: one Fastify instance with our parser and our answers; nothing of its validation.
import type { IncomingMessage } from 'node:http'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { Refusal } from './problem.ts'
import { sendClientError, sendExpectationFailed, sendFrameworkError } from './refusals.ts'
import type { TrustProxy } from './production.ts'
import type { Answering } from './serving.ts'
import type { SecureContext } from './tls.ts'

export interface BareServerOptions {
  readonly bodyBytesMax: number
  readonly requestTimeoutMs: number
  readonly trustProxy: TrustProxy
  /** Absent: plain HTTP. */
  readonly tls?: SecureContext | undefined
  /** Which requests may leave HTTP for another protocol. */
  readonly mayUpgrade: (request: IncomingMessage) => boolean
}

export function bareServer(answering: Answering, options: BareServerOptions): FastifyInstance {
  const { bodyBytesMax, requestTimeoutMs, trustProxy, tls, mayUpgrade } = options
  const connections = {
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
    // Clients offer other protocols too, and want a plain answer when nobody takes the offer.
    shouldUpgradeCallback: mayUpgrade,
  }
  // The framework types servers by their protocol; nothing here depends on it.
  const protocol = (
    tls === undefined
      ? { http: connections }
      : { https: { ...connections, ...tls, requestTimeout: requestTimeoutMs, handshakeTimeout: requestTimeoutMs } }
  ) as { readonly http: typeof connections }
  const server = Fastify({
    ...protocol,
    logger: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    trustProxy: trusted(trustProxy),
    // Requests on open connections are finished while the server stops; the answer says that the connection ends.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: {
      // A path cannot be longer than the headers that Node takes.
      maxParamLength: 65_536,
      // Each route reads its own query string.
      querystringParser: (text: string) => text as never,
    },
    clientErrorHandler: (error, socket) => sendClientError(answering, error, socket),
    frameworkErrors: (error, request, reply) => sendFrameworkError(answering, error, request, reply as never),
  })
  server.server.on('checkExpectation', (request, response) => sendExpectationFailed(answering, request, response))
  acceptJsonOnly(server)
  return server
}

/** As the framework takes it: proxies in a row are trusted by their distance. */
function trusted(proxies: TrustProxy): boolean | string | string[] | ((address: string, distance: number) => boolean) {
  if (typeof proxies === 'number') return (_, distance) => distance < proxies
  return typeof proxies === 'object' ? [...proxies] : proxies
}

/** Bodies stay bytes: a route parses its own, so that a refusal costs nobody the connection. */
function acceptJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const type = request.headers['content-type'] ?? ''
    const plain = type === 'application/json' || /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type)
    if (!plain || request.headers['content-encoding'] !== undefined) {
      done(
        new Refusal(
          'unsupported_media_type',
          'Expected content-type: application/json, in UTF-8 and without content-encoding.',
        ),
      )
      return
    }
    done(null, body)
  })
}
