// Talks to a running app through its admin address, which listens on the app's own machine.
import { answerOf, piecesOf } from './admin-request.ts'
import type { ValueOption, ValuesOf } from './command.ts'
import { checkWithoutSecrets, tokenFor, tokenOption } from './credentials.ts'
import { UsageError } from './usage-error.ts'

export const urlDefault = 'http://127.0.0.1:3100'
/** Every command that asks a running app has these. */
export const adminOptions: { readonly url: ValueOption; readonly token: ValueOption } = {
  url: { value: 'URL', about: `the admin address of the app (default: ${urlDefault})` },
  ...tokenOption,
}
export type AdminValues = ValuesOf<typeof adminOptions>

export interface AdminApi {
  /** Errors: `AdminError`. */
  get(path: string): Promise<unknown>
  /** Errors: `AdminError`. */
  post(path: string, body: object): Promise<unknown>
  /** What may be long, as it comes. Errors: `AdminError`, also in the middle. */
  pieces(path: string): AsyncIterable<string>
}

/** Errors: `UsageError` for what is no address, or no token. */
export function adminApi({ url = urlDefault, token: given }: AdminValues): AdminApi {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`Expected --url to be an address like ${urlDefault}, received something else.`)
  const base = new URL(url)
  checkWithoutSecrets(base)
  const token = tokenFor(base, given)
  const below = base.pathname.replace(/\/+$/, '')
  const asked = (path: string) => ({ url: base, path: below + path, token })
  return {
    get: (path) => answerOf({ ...asked(path), method: 'GET' }),
    post: (path, body) => answerOf({ ...asked(path), method: 'POST', body: JSON.stringify(body) }),
    pieces: (path) => piecesOf({ ...asked(path), method: 'GET' }),
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
