// The texts of mails: plain, each with what happened, what to do, and what to do if it was not you.
import type { Settings } from '../options.ts'

export interface MailText {
  readonly subject: string
  readonly text: string
}
type App = Pick<Settings, 'name' | 'url'>
/** A code as it is mailed, and where it leads. It stands in the fragment of the link, which browsers send to nobody. */
interface Coded {
  readonly code: string
}

export const mails = {
  verification: (app: App, { code, contested }: Coded & { readonly contested: boolean }): MailText =>
    mail(app, 'confirm your address', [
      `An account at ${app.name} was asked for with this address. If it was you, confirm it within 24 hours:`,
      link(app, 'verify', code),
      ...(contested ? ['It was asked for more than once, with different passwords. You will be asked for yours.'] : []),
      'If it was not you, do not open the link: without it the account cannot be used, and you need do nothing.',
    ]),
  reset: (app: App, { code }: Coded): MailText =>
    mail(app, 'set a new password', [
      `A new password was asked for, for your account at ${app.name}. If it was you, set it within an hour:`,
      link(app, 'reset-password', code),
      'If it was not you, you need do nothing: your password stays as it is.',
    ]),
  repeated: (app: App): MailText =>
    mail(app, 'you have an account', [
      `Somebody asked for an account at ${app.name} with this address, but you have one. Nothing was changed.`,
      `If it was you, sign in at ${app.url}. If you do not know your password any more, have it reset there.`,
      'If it was not you, you need do nothing.',
    ]),
  passwordChanged: (app: App): MailText =>
    mail(app, 'your password was changed', [
      `The password of your account at ${app.name} was changed, and your other sessions were ended.`,
      ifNotYou(app),
    ]),
  tokenReused: (app: App): MailText =>
    mail(app, 'a session was ended', [
      `A session of your account at ${app.name} was ended, because its token was used twice: somebody else may have had it.`,
      `Sign in again at ${app.url}. ${ifNotYou(app)}`,
    ]),
  secondFactorAdded: (app: App): MailText =>
    mail(app, 'an authenticator was added', [
      `An authenticator was added to your account at ${app.name}.`,
      ifNotYou(app),
    ]),
  secondFactorRemoved: (app: App): MailText =>
    mail(app, 'the authenticator was removed', [
      `The authenticator of your account at ${app.name} was removed: the password alone is enough now.`,
      ifNotYou(app),
    ]),
  recoveryCodesReplaced: (app: App): MailText =>
    mail(app, 'new recovery codes', [
      `Your account at ${app.name} was given new recovery codes. Those of before no longer count.`,
      ifNotYou(app),
    ]),
  passkeyAdded: (app: App): MailText =>
    mail(app, 'a passkey was added', [`A passkey was added to your account at ${app.name}.`, ifNotYou(app)]),
  passkeyRemoved: (app: App): MailText =>
    mail(app, 'a passkey was removed', [`A passkey was removed from your account at ${app.name}.`, ifNotYou(app)]),
  invitation: (app: App, { code, tenant }: Coded & { readonly tenant: string }): MailText =>
    mail(app, 'you are invited', [
      `You are invited to ${tenant} at ${app.name}. To accept it:`,
      link(app, 'invitation', code),
      'If you do not know who invites you, you need do nothing.',
    ]),
}

function mail({ name, url }: App, subject: string, paragraphs: readonly string[]): MailText {
  return { subject: `${name}: ${subject}`, text: [...paragraphs, `${name}, ${url}`].join('\n\n') }
}

function link({ url }: App, page: string, code: string): string {
  return `${url}/${page}#${code}\n\nOr paste this code there: ${code}`
}

function ifNotYou({ url }: App): string {
  return `If it was not you, set a new password at ${url} now, end all sessions, and look at the ways to sign in of your account.`
}
