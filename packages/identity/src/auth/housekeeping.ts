// What follows from the end of sessions: their refresh tokens go. They are worth nothing already, because whoever comes with one is decided
// on session and account.
import { subscriber } from '@gesta/core'
import type { Subscriber } from '@gesta/core'
import { SessionsEnded } from '../account/account-events.ts'
import type { Binding } from '../bound.ts'
import { removeRefreshToken, removeRefreshTokens } from './refresh-tokens.ts'
import { SessionEnded } from './session.ts'

/** Each step is harmless to repeat. */
export function authHousekeeping(binding: Binding): Subscriber<'Auth.Housekeeping'> {
  return subscriber('Auth.Housekeeping', { attemptsMax: Number.POSITIVE_INFINITY })
    .on(SessionEnded, async (_, { event }) => {
      const { credentials } = await binding.ready
      await removeRefreshToken(credentials, event.aggregate.id)
    })
    .on(SessionsEnded, async ({ except }, { event }) => {
      const { credentials } = await binding.ready
      await removeRefreshTokens(credentials, event.aggregate.id, { before: event.version, except })
    })
}
