// Talks to a running app through its admin address, which listens on the app's own machine.
import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text as textOf } from 'node:stream/consumers'
import type { ValueOption } from './command.ts'
import { UsageError } from './usage-error.ts'

export const urlDefault = 'http://127.0.0.1:3100'
export const urlOption: { readonly url: ValueOption } = {
  url: { value: 'URL', about: `the admin address of the app (default: ${urlDefault})` },
}

/** What the app refused, or why it could not be asked: the code that it gave, or `unreachable`. */
class AdminError extends Error {
  override readonly name: string = 'AdminError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export interface AdminApi {
  /** Errors: `AdminError`. */
  get(path: string): Promise<unknown>
  /** Errors: `AdminError`. */
  post(path: string, body: object): Promise<unknown>
}

/** Errors: `UsageError` for what is no address. */
export function adminApi(url: string = urlDefault): AdminApi {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`Expected --url to be an address like ${urlDefault}, received something else.`)
  const base = new URL(url)
  const below = base.pathname.replace(/\/+$/, '')
  return {
    get: (path) => send(base, below + path, 'GET', undefined),
    post: (path, body) => send(base, below + path, 'POST', JSON.stringify(body)),
  }
}

/** Where the app answers about read models, one of them, and its parked events. */
export const listPath = '/admin/read-models'
export const pathOf = (name: string): string => `${listPath}/${encodeURIComponent(name)}`
export const parkedPath = (name: string): string => `${pathOf(name)}/parked`
export const verifyPath = (name: string): string => `${pathOf(name)}/verify`

/** Where the app answers about the commands of a tenant, or of an app without tenants. */
export function runtimePath(tenant: string | undefined, ...parts: readonly string[]): string {
  const of = tenant === undefined ? [] : ['tenants', tenant]
  return ['/api', ...of.map(encodeURIComponent), 'runtime', ...parts.map(encodeURIComponent)].join('/')
}
export const tenantOption: { readonly tenant: ValueOption } = {
  tenant: { value: 'TENANT', about: 'whose commands (default: those of an app without tenants)' },
}

/** Milliseconds that the app may take for an answer, at most: a day. Whoever has lost patience interrupts the command. */
export const deadlineMsMax = 86_400_000

export interface Listed<Item> {
  readonly items: readonly Item[]
}
/** What is answered to a retry or a discarding: how many events it concerns. */
export interface ConcernedEvents {
  readonly events: number
}

async function send(url: URL, path: string, method: string, body: string | undefined): Promise<unknown> {
  const { statusCode = 0, text } = await answerTo(url, path, method, body).catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    throw new AdminError(
      'unreachable',
      `Expected an app at ${url.origin}, but nobody answers${why}. Start it with its admin address, or name that with --url.`,
      { cause },
    )
  })
  const answer = parsed(text)
  if (statusCode >= 200 && statusCode < 300 && typeof answer === 'object' && answer !== null) return answer
  const { code, detail, title } = (answer ?? {}) as { readonly [part: string]: unknown }
  const said = [detail, title].find((each) => typeof each === 'string')
  const other = `Expected the admin address of an app at ${url.origin}, received an answer of something else (status ${statusCode}). Name the app's with --url.`
  throw new AdminError(typeof code === 'string' ? code : 'refused', said ?? other)
}

/**
 * Not with fetch, which gives up after five minutes: a read model may take longer to compare. The path goes as it is: a URL takes `..` for
 * the folder above, and a tenant of that name for none.
 */
async function answerTo(
  url: URL,
  path: string,
  method: string,
  body: string | undefined,
): Promise<{ readonly statusCode: number | undefined; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  request(url, { path, method, headers }).once('response', resolve).once('error', reject).end(body)
  const response = await promise
  return { statusCode: response.statusCode, text: await textOf(response) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
