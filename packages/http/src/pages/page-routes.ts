// Every page: its path, and what it does.
import { chooseIdentity, showIdentities } from './identity.ts'
import { acceptInvitation, openInvitation, registerInvited, showInvitation } from './invitation.ts'
import { answerPasskey, startPasskey } from './passkey.ts'
import {
  forgotPassword,
  resetPassword,
  showForgotPassword,
  showPasswordWasReset,
  showResetPassword,
  showSent,
} from './password-reset.ts'
import { paths } from './paths.ts'
import { setUp, showSetUp } from './set-up.ts'
import { showSecondFactor, signInWithCode } from './second-factor.ts'
import { showSignIn, signIn } from './sign-in.ts'
import { showSignOut, signOut } from './sign-out.ts'
import { showVerified, showVerify, verify } from './verify.ts'
import type { Answer, Visit } from './visit.ts'

export type Act = (visit: Visit) => Answer | Promise<Answer>

interface PageRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly act: Act
}

const get = (path: string, act: Act): PageRoute => ({ method: 'GET', path, act })
const post = (path: string, act: Act): PageRoute => ({ method: 'POST', path, act })
/** A step that only a form leads to: whoever opens its address, such as one from the history, begins anew. */
const beginsAt = (first: string, path: string): PageRoute => get(path, () => ({ to: first }))

export const pageRoutes: readonly PageRoute[] = [
  get(paths.signIn, showSignIn),
  post(paths.signIn, signIn),
  get(paths.secondFactor, showSecondFactor),
  post(paths.secondFactor, signInWithCode),
  beginsAt(paths.signIn, paths.passkey),
  post(paths.passkey, startPasskey),
  beginsAt(paths.signIn, paths.passkeyAnswer),
  post(paths.passkeyAnswer, answerPasskey),
  get(paths.signOut, showSignOut),
  post(paths.signOut, signOut),
  get(paths.setUp, showSetUp),
  post(paths.setUp, setUp),
  get(paths.identity, showIdentities),
  post(paths.identity, chooseIdentity),
  get(paths.invitation, showInvitation),
  post(paths.invitation, openInvitation),
  beginsAt(paths.invitation, paths.invitationAccount),
  post(paths.invitationAccount, registerInvited),
  beginsAt(paths.invitation, paths.invitationAccept),
  post(paths.invitationAccept, acceptInvitation),
  get(paths.verify, showVerify),
  post(paths.verify, verify),
  get(paths.verified, showVerified),
  get(paths.forgotPassword, showForgotPassword),
  post(paths.forgotPassword, forgotPassword),
  get(paths.forgotPasswordSent, showSent),
  get(paths.resetPassword, showResetPassword),
  post(paths.resetPassword, resetPassword),
  get(paths.passwordWasReset, showPasswordWasReset),
]
