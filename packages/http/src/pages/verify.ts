// Proving that an address is one's own: a mail links here, with its code behind the #.
import { html } from '../docs/html.ts'
import type { Failure } from './failure.ts'
import { codeField, failedPage, form } from './fields.ts'
import type { Page } from './page.ts'
import { paths } from './paths.ts'
import { passwordField } from './sign-in.ts'
import type { Answer, Visit } from './visit.ts'

export function showVerify(visit: Visit): Page {
  return verifyPage(visit)
}

export async function verify(visit: Visit): Promise<Answer> {
  const { form: sent } = visit
  const typed = { code: sent.text('code').trim(), password: sent.text('password') || undefined }
  const said = await visit.run('Account.Verify', typed, {})
  if (said.ok) return { to: paths.verified }
  const { failure } = said
  return verifyPage(visit, failure.code === 'invalid_credentials' ? { ...failure, text: otherPassword } : failure)
}

const otherPassword = 'Nobody registered with this password and this code. Try again, or have the password reset.'

/**
 * A person confirms: programs that look into mails follow links too. The password is asked for where several people registered with this
 * address, to tell whose registration counts.
 */
function verifyPage(visit: Visit, failure?: Failure): Page {
  const fields = failure?.field === 'password' ? [codeField(visit), passwordField] : [codeField(visit)]
  return failedPage(failure, {
    title: 'Verify your address',
    content: form({ action: paths.verify, fields, button: 'Verify', failure }),
  })
}

export function showVerified(): Page {
  return {
    title: 'Your address is verified',
    content: html`<p><a href="${paths.signIn}">Sign in</a></p>`,
  }
}
