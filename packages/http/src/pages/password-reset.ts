// A forgotten password: asking for a mail, and setting a new password with the code in it.
import { html } from '../docs/html.ts'
import type { Failure } from './failure.ts'
import { codeField, failedPage, form } from './fields.ts'
import type { Page } from './page.ts'
import { paths } from './paths.ts'
import { emailField, newPasswordField } from './sign-in.ts'
import type { Answer, Visit } from './visit.ts'

export function showForgotPassword(visit: Visit): Page {
  return forgotPasswordPage(visit)
}

export async function forgotPassword(visit: Visit): Promise<Answer> {
  const said = await visit.run('Account.RequestPasswordReset', { email: visit.form.text('email') }, {})
  return said.ok ? { to: paths.forgotPasswordSent } : forgotPasswordPage(visit, said.failure)
}

function forgotPasswordPage(visit: Visit, failure?: Failure): Page {
  return failedPage(failure, {
    title: 'Forgot your password?',
    content: html`<p>We send you a mail with a link that lets you choose a new one.</p>
      ${form({ action: paths.forgotPassword, fields: [emailField(visit)], button: 'Send the mail', failure })}
      <p><a href="${paths.signIn}">Back to sign-in</a></p>`,
  })
}

/** The same for every address, so that nobody learns who has an account here. */
export function showSent(): Page {
  return {
    title: 'Look into your mail',
    content: html`<p>
        If this address has an account here, a mail is on its way to it. Its link works once, and not for long.
      </p>
      <p><a href="${paths.resetPassword}">I have the code</a></p>
      <p><a href="${paths.signIn}">Back to sign-in</a></p>`,
  }
}

export function showResetPassword(visit: Visit): Page {
  return resetPasswordPage(visit)
}

export async function resetPassword(visit: Visit): Promise<Answer> {
  const { form: sent } = visit
  const typed = { code: sent.text('code').trim(), password: sent.text('password') }
  const said = await visit.run('Account.ResetPassword', typed, {})
  return said.ok ? { to: paths.passwordWasReset } : resetPasswordPage(visit, said.failure)
}

function resetPasswordPage(visit: Visit, failure?: Failure): Page {
  return failedPage(failure, {
    title: 'Choose a new password',
    content: html`<p>You are then signed out everywhere, and sign in with the new one.</p>
      ${form({
        action: paths.resetPassword,
        fields: [codeField(visit), newPasswordField(visit)],
        button: 'Set the password',
        failure,
      })}
      <p><a href="${paths.forgotPassword}">Send me another code</a></p>`,
  })
}

export function showPasswordWasReset(): Page {
  return {
    title: 'Your password is set',
    content: html`<p>Everybody who was signed in with the old one is signed out.</p>
      <p><a href="${paths.signIn}">Sign in</a></p>`,
  }
}
