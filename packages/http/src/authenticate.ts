// How an app says who asks.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { RequestContext } from '@gesta/core'

/** The request, as `authenticate` sees it: before its body is looked at. */
export interface HttpRequest {
  readonly method: string
  /** Path and query string, as they were sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** The peer, or with `trustProxy` the client that the proxy names. */
  readonly ip: string
}
/**
 * Who asks. `undefined` is an anonymous caller; throwing answers 401 (a gesta error with a status of 500 or above, such as
 * `store_unavailable`, answers that status instead, so that an outage logs nobody out). Called once per request.
 */
export type Authenticate = (request: HttpRequest) => RequestContext | undefined | Promise<RequestContext | undefined>

/** A request with what is not for `authenticate` to see. */
export interface AskedRequest extends HttpRequest {
  readonly raw: IncomingMessage
  readonly protocol: string
  /** Name and port that were asked for. */
  readonly host: string
  /** Whether it opens a WebSocket. */
  readonly ws?: boolean
}
/** `authenticate`, or what sessions say instead. */
export type WhoAsks = (request: AskedRequest) => RequestContext | undefined | Promise<RequestContext | undefined>
