// Signing in with an address and a password.
import { html } from '../docs/html.ts'
import { carrying } from './after.ts'
import { arrive } from './arrive.ts'
import type { Failure } from './failure.ts'
import { failedPage, form, hiddenFields } from './fields.ts'
import type { Field } from './fields.ts'
import type { Page } from './page.ts'
import { paths } from './paths.ts'
import type { Answer, Visit } from './visit.ts'
import type { SessionTokens } from './visitors.ts'

export function showSignIn(visit: Visit): Page {
  return signInPage(visit)
}

export async function signIn(visit: Visit): Promise<Answer> {
  const { form: sent, device } = visit
  const [email, password] = [sent.text('email'), sent.text('password')]
  const said = await visit.run<SessionTokens>('Auth.Login', { email, password, device }, {})
  if (said.ok) return arrive(visit, said.result)
  if (said.failure.code !== 'second_factor_required') return signInPage(visit, said.failure)
  visit.keep('step', await visit.pending.keep({ email, password }))
  return { to: `${paths.secondFactor}${carrying(visit.after)}` }
}

export function signInPage(visit: Visit, failure?: Failure): Page {
  const { after } = visit
  return failedPage(failure, {
    title: 'Sign in',
    content: html`${form({
        action: paths.signIn,
        fields: [emailField(visit), passwordField],
        button: 'Sign in',
        hidden: { after },
        failure,
      })}
      <form method="post" action="${paths.passkey}" data-passkey hidden>
        ${hiddenFields({ after })}<button class="second">Sign in with a passkey</button>
      </form>
      <p><a href="${paths.forgotPassword}">Forgot your password?</a></p>`,
  })
}

export function emailField({ form: sent }: Visit): Field {
  return { name: 'email', label: 'Email address', type: 'email', autocomplete: 'username', value: sent.text('email') }
}

export const passwordField: Field = {
  name: 'password',
  label: 'Password',
  type: 'password',
  autocomplete: 'current-password',
}

/** A password that somebody chooses, with what is asked of it. */
export function newPasswordField({ passwordLengthMin }: Visit): Field {
  const length = passwordLengthMin === undefined ? '' : `At least ${passwordLengthMin} characters. `
  return {
    name: 'password',
    label: 'Password',
    type: 'password',
    autocomplete: 'new-password',
    hint: `${length}Several words that nobody would guess are good.`,
  }
}
