// Sends the mails about accounts and invitations: after what happened was stored, until the mailer took them. A mail carries a code only
// while the code counts, and goes to the address that the account has now.
import { subscriber, systemTenant } from '@gesta/core'
import type { EventContext, Subscriber } from '@gesta/core'
import * as events from '../account/account-events.ts'
import { addressee, ownerOfSession } from '../account/account-contracts.ts'
import type { Addressee } from '../account/account-contracts.ts'
import { asApp } from '../app-only.ts'
import { SessionEnded } from '../auth/session.ts'
import type { Binding, Bound } from '../bound.ts'
import { shown } from '../input.ts'
import { Invited } from '../invitation/invitation.ts'
import { get as getTenant } from '../tenant/tenant-contracts.ts'
import type { NotTaken } from './mailer.ts'
import { mails } from './mails.ts'
import type { MailText } from './mails.ts'

/** What a run needs of the event that it is for. */
type Occasion = Pick<
  EventContext<{ readonly id: string; readonly aggregate: { readonly id: string } }>,
  'event' | 'query' | 'signal' | 'attempt'
>
type Text = (bound: Bound, to: Addressee) => MailText | undefined | Promise<MailText | undefined>

const asSystem = asApp(systemTenant)

export function accountMails(binding: Binding): Subscriber<'Account.Mails'> {
  /** A mail to the owner of an account; nobody gets one whose account is gone. */
  const toAccount = async (occasion: Occasion, accountUuid: string, text: Text): Promise<void> => {
    const bound = await binding.ready
    const to = await occasion.query(addressee({ accountUuid }), asSystem)
    if (to === null || to.email === null || to.status === 'removed') return
    const made = await text(bound, to)
    if (made !== undefined) await send(bound, occasion, to.email, made)
  }
  const tells =
    (text: (settings: Bound['settings']) => MailText) =>
    (_: unknown, occasion: Occasion): Promise<void> =>
      toAccount(occasion, occasion.event.aggregate.id, ({ settings }) => text(settings))

  return subscriber('Account.Mails', { attemptsMax: Number.POSITIVE_INFINITY })
    .on(events.VerificationRequested, ({ code: id }, occasion) =>
      toAccount(occasion, occasion.event.aggregate.id, async ({ codes, settings }, { verification, contested }) => {
        const code = await codes.textOf({ tenant: systemTenant, kind: 'verification', id })
        return code === undefined || verification !== id ? undefined : mails.verification(settings, { code, contested })
      }),
    )
    .on(events.PasswordResetRequested, ({ code: id }, occasion) =>
      toAccount(occasion, occasion.event.aggregate.id, async ({ codes, settings }, { reset }) => {
        const code = await codes.textOf({ tenant: systemTenant, kind: 'reset', id })
        return code === undefined || reset !== id ? undefined : mails.reset(settings, { code })
      }),
    )
    .on(events.RegistrationRepeated, tells(mails.repeated))
    .on(events.PasswordSet, async ({ by }, occasion) => {
      if (by !== 'registration') await tells(mails.passwordChanged)(undefined, occasion)
    })
    .on(events.TotpConfirmed, tells(mails.secondFactorAdded))
    .on(events.TotpRemoved, tells(mails.secondFactorRemoved))
    .on(events.RecoveryCodesReplaced, tells(mails.recoveryCodesReplaced))
    .on(events.PasskeyAdded, tells(mails.passkeyAdded))
    .on(events.PasskeyRemoved, tells(mails.passkeyRemoved))
    .on(SessionEnded, async ({ reason }, occasion) => {
      if (reason !== 'reuse') return
      const account = await occasion.query(ownerOfSession({ session: occasion.event.aggregate.id }), asSystem)
      if (account !== null) await toAccount(occasion, account, ({ settings }) => mails.tokenReused(settings))
    })
    .on(Invited, async ({ email, code: id }, occasion) => {
      const bound = await binding.ready
      const { tenant } = occasion.event
      const to = shown(email)
      const code = await bound.codes.textOf({ tenant, kind: 'invitation', id })
      if (to === null || code === undefined) return
      const name = (await occasion.query(getTenant({ tenantUuid: tenant }), asSystem))?.name ?? tenant
      await send(bound, occasion, to, mails.invitation(bound.settings, { code, tenant: name }))
    })
}

/** A mail that cannot be sent is noted, without its address: whatever is wrong with one, the others go. */
async function send({ mailer, app }: Bound, occasion: Occasion, to: string, text: MailText): Promise<void> {
  const { event, signal, attempt } = occasion
  let answer: void | NotTaken
  try {
    answer = await mailer.send({ id: event.id, to, ...text }, { signal })
  } catch (error) {
    if (signal.aborted || attempt < attemptsMax.failed) throw error
    answer = 'refused'
  }
  if (answer === undefined) return
  if (answer === 'deferred' && attempt < attemptsMax.deferred)
    throw new Error('The recipient of a mail cannot be reached now. It is tried again shortly.')
  const note = {
    action: 'Account.MailNotSent',
    resource: event.aggregate.id,
    outcome: 'failed',
    reason: answer,
  } as const
  await app.audit.record(asSystem.context, note)
}

/** `failed`: some two hours, since each waits up to a minute for the one before. `deferred`: a second or two, for which the others wait. */
const attemptsMax = { failed: 240, deferred: 5 } as const
