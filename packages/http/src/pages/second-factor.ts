// The second step of signing in, for accounts that want a code beside the password.
import { html } from '../docs/html.ts'
import { arrive } from './arrive.ts'
import type { Failure } from './failure.ts'
import { failedPage, form } from './fields.ts'
import type { Page } from './page.ts'
import { paths } from './paths.ts'
import { signInPage } from './sign-in.ts'
import type { Answer, Visit } from './visit.ts'
import type { SessionTokens } from './visitors.ts'

export function showSecondFactor(visit: Visit): Answer {
  return visit.kept('step') === undefined ? { to: paths.signIn } : codePage(visit)
}

export async function signInWithCode(visit: Visit): Promise<Answer> {
  const { device, pending } = visit
  const ticket = visit.kept('step')
  const typed = await pending.find(ticket)
  if (typed === undefined) return signInPage(visit, tookTooLong)
  const code = visit.form.text('code').trim()
  const said = await visit.run<SessionTokens>('Auth.Login', { ...typed, code, device }, {})
  if (!said.ok) {
    const { failure } = said
    if (failure.code === 'rate_limited') return codePage(visit, failure)
    if (isAboutCode.has(failure.code)) return codePage(visit, wrongCode)
    // The password was changed meanwhile, or the account may no longer sign in.
    return signInPage(visit, failure)
  }
  await pending.remove(ticket)
  visit.keep('step', undefined)
  return arrive(visit, said.result)
}

function codePage({ after }: Visit, failure?: Failure): Page {
  return failedPage(failure, {
    title: 'Type your code',
    content: html`${form({
        action: paths.secondFactor,
        fields: [
          {
            name: 'code',
            label: 'Code',
            type: 'text',
            autocomplete: 'one-time-code',
            hint: 'Six digits from the app on your phone, or one of your recovery codes.',
          },
        ],
        button: 'Sign in',
        hidden: { after },
        failure,
      })}
      <p><a href="${paths.signIn}">Sign in as somebody else</a></p>`,
  })
}

const isAboutCode: ReadonlySet<string> = new Set(['second_factor_required', 'invalid_input'])
const wrongCode: Failure = {
  code: 'wrong_code',
  field: 'code',
  text: 'This code is wrong, or it was used before. Wait for the next one, and type that.',
  status: 422,
}
const tookTooLong: Failure = {
  code: 'took_too_long',
  text: 'That took more than five minutes, so the password was forgotten. Sign in again.',
  status: 422,
}
