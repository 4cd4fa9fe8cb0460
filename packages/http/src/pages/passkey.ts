// Signing in with a passkey. The browser's part is in the script; without it nobody sees the button that leads here.
import { html } from '../docs/html.ts'
import { arrive } from './arrive.ts'
import { parseJson } from '../input/json-text.ts'
import { hiddenFields } from './fields.ts'
import type { Failure } from './failure.ts'
import { paths } from './paths.ts'
import { signInPage } from './sign-in.ts'
import type { Answer, Visit } from './visit.ts'
import type { SessionTokens } from './visitors.ts'

interface StartedLogin {
  readonly options: unknown
  readonly challenge: string
}

/** The page asks the browser by itself; its button is for whoever closed the question. */
export async function startPasskey(visit: Visit): Promise<Answer> {
  const said = await visit.run<StartedLogin>('Passkey.StartLogin', undefined, {})
  if (!said.ok) return signInPage(visit, said.failure)
  const { options, challenge } = said.result
  return {
    title: 'Sign in with a passkey',
    content: html`<form method="post" action="${paths.passkeyAnswer}" data-passkey-options="${JSON.stringify(options)}">
        <p role="status" data-passkey-waiting>Your browser asks for your passkey.</p>
        <p class="error" role="alert" data-passkey-failed hidden>
          Your browser gave no passkey. Try again, or sign in with your password.
        </p>
        ${hiddenFields({ challenge, response: '', after: visit.after })}<button>Try again</button>
      </form>
      <p><a href="${paths.signIn}">Sign in with a password</a></p>`,
  }
}

export async function answerPasskey(visit: Visit): Promise<Answer> {
  const { form, device } = visit
  const response = parsed(form.text('response'))
  if (response === undefined) return signInPage(visit, notAccepted)
  const answer = { response, challenge: form.text('challenge'), device }
  const said = await visit.run<SessionTokens>('Passkey.Login', answer, {})
  if (said.ok) return arrive(visit, said.result)
  return signInPage(visit, said.failure.code === 'rate_limited' ? said.failure : notAccepted)
}

const notAccepted: Failure = {
  code: 'passkey_not_accepted',
  text: 'This passkey was not accepted. Try again, or sign in with your password.',
  status: 422,
}

function parsed(text: string): unknown {
  try {
    return parseJson(text, 'the answer of the passkey')
  } catch {
    return undefined
  }
}
