// What `createIdentity` may be told, checked once.
import { checkOptions } from '@gesta/core/host'
import type { Mailer } from './mail/mailer.ts'
import { printingMailer } from './mail/printing-mailer.ts'

export interface IdentityOptions {
  /** Where people reach the app, such as `https://shop.example`: the issuer of tokens, and where links in mails lead. */
  readonly url: string
  /** What mails and pages call the app. Default: the host of `url`. */
  readonly name?: string | undefined
  /** Who may make an account: everybody, or whoever was invited. Default `invited`. */
  readonly registration?: 'open' | 'invited' | undefined
  /** Default: mails are printed to standard error; in production there must be one. */
  readonly mailer?: Mailer | undefined
  /** Characters that a password needs at least, 8 to 64. Default 12. */
  readonly passwordLengthMin?: number | undefined
  /** Seconds that an access token is valid, 60 to 3,600. Default 900. */
  readonly accessTokenSeconds?: number | undefined
  /** Seconds after which a session ends that nobody refreshed, from 300. Default 604,800: seven days. */
  readonly sessionIdleSeconds?: number | undefined
  /** Seconds after which a session ends in any case. Default 2,592,000: thirty days. */
  readonly sessionSeconds?: number | undefined
  /** Seconds in which a refresh token that was exchanged gives the same successor again, 0 to 60. Default 10. */
  readonly refreshGraceSeconds?: number | undefined
  /** Passwords that may wait to be hashed, 1 to 10,000. Default 64. */
  readonly hashingQueueMax?: number | undefined
  /** The clock, in milliseconds since 1970; for tests. Default: the system's. */
  readonly now?: (() => number) | undefined
}
export type Settings = { readonly [Name in keyof IdentityOptions]-?: Exclude<IdentityOptions[Name], undefined> }

const names = [
  'url',
  'name',
  'registration',
  'mailer',
  'passwordLengthMin',
  'accessTokenSeconds',
  'sessionIdleSeconds',
  'sessionSeconds',
  'refreshGraceSeconds',
  'hashingQueueMax',
  'now',
] as const

/** Errors: plain ones, for what is unknown, missing or out of bounds. */
export function settingsOf(options: IdentityOptions): Settings {
  checkOptions(options, names, 'createIdentity()')
  const url = urlOf(options.url)
  const { registration = 'invited' } = options
  if (registration !== 'open' && registration !== 'invited')
    throw new Error(`createIdentity(): expected registration to be open or invited, received ${String(registration)}.`)
  if (options.mailer === undefined && process.env['NODE_ENV'] === 'production')
    throw new Error('createIdentity(): in production mails need a mailer. Give it mailer: smtpMailer({ ... }).')
  return {
    url: url.origin,
    name: options.name ?? url.hostname,
    registration,
    mailer: options.mailer ?? printingMailer(),
    passwordLengthMin: whole('passwordLengthMin', options.passwordLengthMin ?? 12, 8, 64),
    accessTokenSeconds: whole('accessTokenSeconds', options.accessTokenSeconds ?? 900, 60, 3_600),
    sessionIdleSeconds: whole('sessionIdleSeconds', options.sessionIdleSeconds ?? 604_800, 300, 31_536_000),
    sessionSeconds: whole('sessionSeconds', options.sessionSeconds ?? 2_592_000, 300, 31_536_000),
    refreshGraceSeconds: whole('refreshGraceSeconds', options.refreshGraceSeconds ?? 10, 0, 60),
    hashingQueueMax: whole('hashingQueueMax', options.hashingQueueMax ?? 64, 1, 10_000),
    now: options.now ?? Date.now,
  }
}

function urlOf(text: unknown): URL {
  const url = typeof text === 'string' ? URL.parse(text) : null
  if (url === null || !['https:', 'http:'].includes(url.protocol))
    throw new Error(
      `createIdentity(): expected url to be where people reach the app, such as "https://shop.example", received ${JSON.stringify(text)}.`,
    )
  return url
}

function whole(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw new Error(`createIdentity(): expected ${name} to be a whole number from ${min} to ${max}, received ${value}.`)
}
