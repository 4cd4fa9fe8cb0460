// A served shop, and the ways to talk to it: fetch for what is well-formed, a bare socket for the rest.
import { connect } from 'node:net'
import { once } from 'node:events'
import type { Running } from '@gesta/core'
import { routes, serve } from '../../src/index.ts'
import type { Logger, Problem, ServeOptions, Server } from '../../src/index.ts'
import { shop } from './shop.ts'

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; a problem when the status says so. */
  readonly body: unknown
  readonly problem: Problem
}
export interface Logged {
  readonly facts: { readonly [name: string]: unknown }
  readonly message: string
}
export interface ServedShop extends AsyncDisposable {
  readonly running: Running<string, string>
  readonly server: Server
  readonly url: string
  readonly logged: readonly Logged[]
  ask(
    method: string,
    path: string,
    options?: { readonly body?: unknown; readonly headers?: Record<string, string> },
  ): Promise<Answered>
  get(path: string, headers?: Record<string, string>): Promise<Answered>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>
  /** Sends bytes as they are and returns everything that comes back until the connection ends. */
  raw(bytes: string | Uint8Array): Promise<string>
}

export const shopRoutes = routes(shop, {
  'Order.Get': 'GET /orders/{orderId}',
  'Order.Cancel': 'POST /orders/{orderId}/cancel',
})

export async function serveShop(options: ServeOptions = {}): Promise<ServedShop> {
  const running = await shop.start()
  const served = await serveRunning(running, { routes: shopRoutes, ...options })
  return {
    ...served,
    running,
    // Views gather events for a moment; a test that reads after it wrote waits for them, unless the app is stopping.
    get: async (path, headers) => {
      await running.caughtUp().catch(() => undefined)
      return served.get(path, headers)
    },
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
    },
  }
}

export async function serveRunning(running: Running<string, string>, options: ServeOptions = {}): Promise<ServedShop> {
  const logged: Logged[] = []
  const keep = (facts: Logged['facts'], message: string): void => void logged.push({ facts, message })
  const logger: Logger = { error: keep, warn: keep }
  const server = await serve(running, { port: 0, logger, ...options })
  const { url } = server
  const ask: ServedShop['ask'] = async (method, path, { body, headers } = {}) => {
    const sent =
      body === undefined
        ? undefined
        : typeof body === 'string' || body instanceof Uint8Array
          ? body
          : JSON.stringify(body)
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(sent === undefined ? undefined : { 'content-type': 'application/json' }), ...headers },
      ...(sent === undefined ? undefined : { body: sent as string }),
      redirect: 'manual',
    })
    const text = await response.text()
    const parsed: unknown =
      /json/.test(response.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, text, body: parsed, problem: parsed as Problem }
  }
  return {
    running,
    server,
    url,
    logged,
    ask,
    get: (path, headers) => ask('GET', path, headers === undefined ? {} : { headers }),
    post: (path, body, headers) => ask('POST', path, { body, ...(headers === undefined ? undefined : { headers }) }),
    raw: (bytes) => raw(url, bytes),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function raw(url: string, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let received = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => (received += text))
  // A server that refuses a request may close before all of it was sent.
  socket.on('error', () => undefined)
  socket.write(bytes)
  await once(socket, 'close')
  return received
}

/** A request as text, with `connection: close`. */
export function requestText(method: string, target: string, headers: readonly string[] = [], body = ''): string {
  const lines = [`${method} ${target} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers]
  if (body !== '') lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** Status and body of an answer that came over a bare socket. */
export function parseAnswer(text: string): { readonly status: number; readonly problem: Problem } {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  return { status: Number(head.split(' ')[1]), problem: (body === '' ? {} : JSON.parse(body)) as Problem }
}
