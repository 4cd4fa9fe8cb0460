// Setting up the first administrator, with the code that the server printed when it started.
import { html } from '../docs/html.ts'
import { arrive } from './arrive.ts'
import type { Failure } from './failure.ts'
import { failedPage, form } from './fields.ts'
import type { Page } from './page.ts'
import { paths } from './paths.ts'
import { emailField, newPasswordField } from './sign-in.ts'
import type { Answer, Visit } from './visit.ts'
import type { SessionTokens } from './visitors.ts'

export function showSetUp(visit: Visit): Page {
  return setUpPage(visit)
}

export async function setUp(visit: Visit): Promise<Answer> {
  const { form: sent } = visit
  const [code, email] = [sent.text('code').trim(), sent.text('email')]
  const [password, name] = [sent.text('password'), sent.text('name')]
  const said = await visit.run<SessionTokens>('Auth.SetUp', { code, email, password, name }, {})
  return said.ok ? arrive(visit, said.result) : setUpPage(visit, said.failure)
}

function setUpPage(visit: Visit, failure?: Failure): Page {
  const { form: sent } = visit
  return failedPage(failure, {
    title: 'Set up',
    content: html`<p>You are the first one here. Your account becomes the administrator of everything.</p>
      ${form({
        action: paths.setUp,
        fields: [
          {
            name: 'code',
            label: 'Set-up code',
            type: 'text',
            autocomplete: 'one-time-code',
            hint: 'The server printed it when it started.',
            value: sent.text('code'),
            fromFragment: true,
          },
          { name: 'name', label: 'Your name', type: 'text', autocomplete: 'name', value: sent.text('name') },
          emailField(visit),
          newPasswordField(visit),
        ],
        button: 'Set up',
        failure,
      })}`,
  })
}
