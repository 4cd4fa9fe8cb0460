// Who somebody acts as: one of the identities of the account that signed in.
import { html } from '../docs/html.ts'
import type { Html } from '../docs/html.ts'
import type { IdentityChoice } from './arrive.ts'
import { carrying } from './after.ts'
import type { Failure } from './failure.ts'
import { failedPage, formFailure, hiddenFields } from './fields.ts'
import type { Page } from './page.ts'
import { paths } from './paths.ts'
import type { Answer, Visit } from './visit.ts'
import type { SessionTokens } from './visitors.ts'

export function showIdentities(visit: Visit): Promise<Answer> {
  return identityPage(visit)
}

export async function chooseIdentity(visit: Visit): Promise<Answer> {
  const [tenant, identity] = [visit.form.text('tenant'), visit.form.text('identity')]
  const said = await visit.run<SessionTokens>('Auth.SelectIdentity', { tenant, identity })
  if (!said.ok) return identityPage(visit, said.failure)
  await visit.signIn(said.result)
  return { to: visit.after ?? visit.settings.after }
}

async function identityPage(visit: Visit, failure?: Failure): Promise<Answer> {
  const said = await visit.ask<readonly IdentityChoice[]>('Auth.Identities')
  // Nobody is signed in, or the session has ended meanwhile.
  if (!said.ok) return { to: `${paths.signIn}${carrying(visit.after ?? paths.identity)}` }
  const choices = said.result
  const page = choices.length === 0 ? noIdentity : choicePage(visit, choices, failure)
  return failedPage(failure, { ...page, content: html`${page.content} ${signOutForm}` })
}

const signOutForm = html`<form method="post" action="${paths.signOut}"><button class="second">Sign out</button></form>`

const noIdentity: Page = {
  title: 'You are in no organisation yet',
  content: html`<p>
      You are signed in, and no organisation has taken you in yet. Ask an administrator to invite you, and open the link
      in the mail that comes.
    </p>
    <p><a href="${paths.invitation}">I have the code of an invitation</a></p>`,
}

function choicePage({ after, caller }: Visit, choices: readonly IdentityChoice[], failure: Failure | undefined): Page {
  const current = choices.find(({ tenant, identity }) => tenant === caller?.tenant && identity === caller.identity)
  const others = choices.filter((choice) => choice !== current)
  return {
    title: current === undefined ? 'Choose who you act as' : 'You are signed in',
    content: html`${formFailure(failure, [])}
    ${current === undefined ? undefined : html`<p>You act as ${named(current)}.</p>`}
    ${
      others.length === 0
        ? undefined
        : html`${current === undefined ? undefined : html`<h2>Act as somebody else</h2>`}
            <ul class="choices">
              ${others.map((choice) => html`<li>${choiceForm(choice, after)}</li>`)}
            </ul>`
    }`,
  }
}

function choiceForm(choice: IdentityChoice, after: string | undefined): Html {
  const { tenant, identity } = choice
  return html`<form method="post" action="${paths.identity}">
    ${hiddenFields({ tenant, identity, after })}<button>${named(choice)}</button>
  </form>`
}

function named({ name, tenantName }: IdentityChoice): Html {
  return name === undefined ? html`<strong>${tenantName}</strong>` : html`<strong>${name}</strong> of ${tenantName}`
}
