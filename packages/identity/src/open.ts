// Opens the identity of an app that has started: its services, the tenant SYSTEM, the code of a first start, and what sweeps up.
import { systemTenant } from '@gesta/core'
import type { RequestContext, Running } from '@gesta/core'
import { asApp } from './app-only.ts'
import { createAccessTokens } from './auth/access-tokens.ts'
import { isLive } from './auth/is-live.ts'
import { createThrottle } from './auth/throttle.ts'
import type { Binding, Bound } from './bound.ts'
import type { Settings } from './options.ts'
import { createCodes } from './secrets/codes.ts'
import { createEmailKeys } from './secrets/email-keys.ts'
import { createPasswords } from './secrets/passwords.ts'
import { createApiKeys } from './service-account/api-keys.ts'
import { keyPrefix } from './service-account/key-text.ts'
import { newSetUpCode } from './set-up/set-up.ts'
import { sweeping } from './sweeping.ts'
import { prepare } from './tenant/tenant-contracts.ts'

/** For `serve({ sessions })`. Disposing of it ends its timers and threads; do so before the app. */
export interface OpenIdentity extends AsyncDisposable {
  /** The code that sets up the first administrator, secret; absent once there is one. Valid for 24 hours. */
  readonly setUpCode: string | undefined
  /** Who an access token or an API key stands for. Absent: nobody. Errors: `store_*`, `key_unreadable`. */
  callerOf(token: string): RequestContext | undefined | Promise<RequestContext | undefined>
  /** Whether the session, or the API key, of a caller still goes on. Errors: `permissions_unavailable`. */
  isLive(caller: RequestContext): Promise<boolean>
  /** Characters that a password needs at least, for forms that say so. */
  readonly passwordLengthMin: number
  /** The clock of `createIdentity`, by which tokens expire: milliseconds since 1970. */
  now(): number
  /** What transports keep tokens for: commands whose result they are, the one that exchanges them, those that end the session. */
  readonly contracts: {
    readonly starts: readonly string[]
    readonly refresh: 'Auth.Refresh'
    readonly ends: readonly string[]
    /** The query for the public keys of tokens: its answer may be kept for some minutes. */
    readonly keys: 'Auth.Jwks'
  }
}

const contracts: OpenIdentity['contracts'] = {
  starts: ['Auth.Login', 'Auth.SelectIdentity', 'Auth.SetUp', 'Account.RegisterInvited', 'Passkey.Login'],
  refresh: 'Auth.Refresh',
  ends: ['Auth.Logout', 'Auth.EndAllSessions'],
  keys: 'Auth.Jwks',
}

/** Errors: `store_*`, `key_unreadable`; plain ones, when the app was given no encryption or the identity was opened before. */
export async function open<CommandType extends string, QueryType extends string>(
  running: Running<CommandType, QueryType>,
  binding: Binding,
  settings: Settings,
): Promise<OpenIdentity> {
  const app = running as unknown as Running<string, string>
  const { credentials } = app.stores
  const { now } = settings
  await using opening = new AsyncDisposableStack()
  const tokens = opening.use(await createAccessTokens({ credentials, settings }))
  const passwords = opening.use(createPasswords({ queueMax: settings.hashingQueueMax }))
  const bound: Bound = {
    app,
    credentials,
    settings,
    passwords,
    codes: createCodes({ credentials, now }),
    emailKeys: createEmailKeys(credentials),
    tokens,
    throttle: createThrottle({ credentials, now }),
    mailer: settings.mailer,
  }
  const apiKeys = createApiKeys({ credentials, now })
  const prepared = await app.dispatch(prepare(), asApp(systemTenant))
  const setUpCode = prepared.ok && prepared.result.hasAdministrator ? undefined : await newSetUpCode(bound)
  opening.use(sweeping(credentials))
  binding.bind(bound)
  const opened = opening.move()
  return {
    setUpCode,
    passwordLengthMin: settings.passwordLengthMin,
    now,
    contracts,
    isLive: (caller) => isLive(app, caller),
    callerOf: (token) => (token.startsWith(keyPrefix) ? apiKeys.callerOf(token) : tokens.callerOf(token)),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
