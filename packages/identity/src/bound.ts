// What the handlers of the identity domains need of the app that they run in: definitions come first, and are bound when it has started.
import type { Credentials, Running } from '@gesta/core'
import type { AccessTokens } from './auth/access-tokens.ts'
import type { Throttle } from './auth/throttle.ts'
import type { Mailer } from './mail/mailer.ts'
import type { Settings } from './options.ts'
import type { Codes } from './secrets/codes.ts'
import type { EmailKeys } from './secrets/email-keys.ts'
import type { Passwords } from './secrets/passwords.ts'

export interface Bound {
  readonly app: Running<string, string>
  readonly credentials: Credentials
  readonly settings: Settings
  readonly passwords: Passwords
  readonly codes: Codes
  readonly emailKeys: EmailKeys
  readonly tokens: AccessTokens
  readonly throttle: Throttle
  readonly mailer: Mailer
}
export interface Binding {
  /** Errors: a plain one before the app has started. */
  now(): Bound
  /**
   * For what may run before, and again: subscribers. Errors: a plain one when the identity is not opened within a second, so that an app
   * which never opens it can stop.
   */
  readonly ready: Promise<Bound>
  bind(bound: Bound): void
}

const waitMs = 1_000

export function createBinding(): Binding {
  let known: Bound | undefined
  const { promise, resolve } = Promise.withResolvers<Bound>()
  return {
    now: () => {
      if (known !== undefined) return known
      throw new Error('Expected identity.open(running) before the first message of its domains.')
    },
    get ready() {
      return known === undefined ? within(promise) : promise
    },
    bind: (bound) => {
      if (known !== undefined) throw new Error('The identity was opened before. Make one for each app that starts.')
      known = bound
      resolve(bound)
    },
  }
}

async function within(opening: Promise<Bound>): Promise<Bound> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Expected identity.open(running) after the start of its app.')), waitMs)
  })
  try {
    return await Promise.race([opening, late])
  } finally {
    clearTimeout(timer)
  }
}
