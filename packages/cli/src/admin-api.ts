// Talks to a running app through its admin address, which listens on the app's own machine.
import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text as textOf } from 'node:stream/consumers'
import type { ValueOption, ValuesOf } from './command.ts'
import { checkWithoutSecrets, mendOf, tokenFor, tokenOption } from './credentials.ts'
import { UsageError } from './usage-error.ts'

export const urlDefault = 'http://127.0.0.1:3100'
/** Every command that asks a running app has these. */
export const adminOptions: { readonly url: ValueOption; readonly token: ValueOption } = {
  url: { value: 'URL', about: `the admin address of the app (default: ${urlDefault})` },
  ...tokenOption,
}
export type AdminValues = ValuesOf<typeof adminOptions>

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

/** Errors: `UsageError` for what is no address, or no token. */
export function adminApi({ url = urlDefault, token: given }: AdminValues): AdminApi {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`Expected --url to be an address like ${urlDefault}, received something else.`)
  const base = new URL(url)
  checkWithoutSecrets(base)
  const token = tokenFor(base, given)
  const below = base.pathname.replace(/\/+$/, '')
  const ask = (path: string, method: string, body?: string): Promise<unknown> =>
    send({ url: base, path: below + path, method, body, token })
  return {
    get: (path) => ask(path, 'GET'),
    post: (path, body) => ask(path, 'POST', JSON.stringify(body)),
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

interface Question {
  readonly url: URL
  readonly path: string
  readonly method: string
  readonly body: string | undefined
  readonly token: string | undefined
}

async function send(question: Question): Promise<unknown> {
  const { origin } = question.url
  const { status, retryAfter, text } = await answerTo(question).catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    throw new AdminError(
      'unreachable',
      `Expected an app at ${origin}, but nobody answers${why}. Start it with its admin address, or name that with --url.`,
      { cause },
    )
  })
  const answer = parsed(text)
  if (status >= 200 && status < 300 && typeof answer === 'object' && answer !== null) return answer
  const { code: told, detail, title } = (answer ?? {}) as { readonly [part: string]: unknown }
  const code = typeof told === 'string' ? told : undefined
  const other = `Expected the admin address of an app at ${origin}, received an answer of something else (status ${status}). Name the app's with --url.`
  const said = [detail, title].find((each) => typeof each === 'string') ?? other
  throw new AdminError(code ?? 'refused', sentences(said, mendOf(status, code, retryAfter)))
}

const sentences = (said: string, mend: string | undefined): string =>
  mend === undefined ? said : `${/[.!?]$/.test(said) ? said : `${said}.`} ${mend}`

interface Answered {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

/**
 * Not with fetch, which gives up after five minutes: a read model may take longer to compare. The path goes as it is: a URL takes `..` for
 * the folder above, and a tenant of that name for none. No redirection is followed, so a token goes to the address that was named alone.
 */
async function answerTo({ url, path, method, body, token }: Question): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  request(url, { path, method, headers }).once('response', resolve).once('error', reject).end(body)
  const response = await promise
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    text: await textOf(response),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
