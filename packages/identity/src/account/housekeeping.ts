// What follows from what happened to accounts: hashes that an event has named stay, those that it replaced go, and of who was removed
// everything personal goes.
import { subscriber, systemTenant } from '@gesta/core'
import type { Subscriber } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { keepNamed } from '../secrets/unnamed.ts'
import { PasswordSet, Removed } from './account-events.ts'
import { passwordKey } from './password-credential.ts'

/** Each step is harmless to repeat. */
export function accountHousekeeping(binding: Binding): Subscriber<'Account.Housekeeping'> {
  return subscriber('Account.Housekeeping', { attemptsMax: Number.POSITIVE_INFINITY })
    .on(PasswordSet, async ({ credential, replaced }) => {
      const { credentials } = await binding.ready
      await keepNamed(credentials, passwordKey(credential))
      if (replaced !== undefined) await credentials.remove(passwordKey(replaced))
    })
    .on(Removed, async (_, { event }) => {
      const { app, credentials } = await binding.ready
      const subject = event.aggregate.id
      await credentials.removeOf(systemTenant, subject)
      await app.erase({ tenant: systemTenant, subject, reason: 'The account was removed.' })
    })
}
