// Accepting an invitation: with the account that is signed in, or with a new one. The code stays with the browser from step to step, so
// that whoever signs in meanwhile comes back to it.
import type { RequestContext } from '@gesta/core'
import { html } from '../docs/html.ts'
import type { Html } from '../docs/html.ts'
import { carrying } from './after.ts'
import type { Failure } from './failure.ts'
import { codeField, failedPage, form, hiddenFields } from './fields.ts'
import type { Field } from './fields.ts'
import type { Page } from './page.ts'
import { paths } from './paths.ts'
import { newPasswordField } from './sign-in.ts'
import type { Answer, Visit } from './visit.ts'
import type { SessionTokens } from './visitors.ts'

interface FoundInvitation {
  readonly tenant: string
  readonly tenantName: string
}

export async function showInvitation(visit: Visit): Promise<Answer> {
  const code = visit.kept('invitation')
  if (code === undefined) return codePage(visit)
  const found = await find(visit, code)
  return 'page' in found ? found.page : invitationPage(visit, found, visit.caller)
}

export async function openInvitation(visit: Visit): Promise<Answer> {
  const code = visit.form.text('code').trim()
  const found = await find(visit, code)
  if ('page' in found) return found.page
  visit.keep('invitation', code)
  return { to: paths.invitation }
}

export async function registerInvited(visit: Visit): Promise<Answer> {
  const code = visit.kept('invitation') ?? ''
  const found = await find(visit, code)
  if ('page' in found) return found.page
  const typed = { code, password: visit.form.text('password') }
  const said = await visit.run<SessionTokens>('Account.RegisterInvited', typed, {})
  if (!said.ok) return invitationPage(visit, found, undefined, said.failure)
  return accept(visit, code, found, await visit.signIn(said.result))
}

export async function acceptInvitation(visit: Visit): Promise<Answer> {
  const code = visit.kept('invitation') ?? ''
  const found = await find(visit, code)
  return 'page' in found ? found.page : accept(visit, code, found, visit.caller)
}

async function accept(
  visit: Visit,
  code: string,
  found: FoundInvitation,
  caller: RequestContext | undefined,
): Promise<Answer> {
  const { tenant } = found
  const typed = { code, name: visit.form.text('name').trim() }
  const said = await visit.run<{ identityUuid: string }>('Invitation.Accept', typed, {
    ...caller,
    targetTenant: tenant,
  })
  if (!said.ok) return invitationPage(visit, found, caller, said.failure)
  visit.keep('invitation', undefined)
  // The account is told of its new identity a moment later, so its choices are not asked: this one is taken.
  const chosen = { tenant, identity: said.result.identityUuid }
  const selected = await visit.run<SessionTokens>('Auth.SelectIdentity', chosen, caller)
  if (!selected.ok) return { to: paths.identity }
  await visit.signIn(selected.result)
  return { to: visit.after ?? visit.settings.after }
}

/** The invitation, or the page that asks for another code. */
async function find(visit: Visit, code: string): Promise<FoundInvitation | { readonly page: Page }> {
  const said = await visit.ask<FoundInvitation | null>('Auth.Invitation', { code }, {})
  if (said.ok && said.result !== null) return said.result
  visit.keep('invitation', undefined)
  return { page: codePage(visit, said.ok || said.failure.code === 'invalid_input' ? notValid : said.failure) }
}

const notValid: Failure = {
  code: 'invalid_code',
  field: 'code',
  text: 'This code is not valid, or not any more. Ask who invited you for a new one.',
  status: 422,
}

function codePage(visit: Visit, failure?: Failure): Page {
  return failedPage(failure, {
    title: 'You are invited',
    content: form({ action: paths.invitation, fields: [codeField(visit)], button: 'Continue', failure }),
  })
}

async function invitationPage(
  visit: Visit,
  { tenantName }: FoundInvitation,
  caller: RequestContext | undefined,
  failure?: Failure,
): Promise<Page> {
  const me =
    caller?.account === undefined
      ? undefined
      : await visit.ask<{ email: string | null } | null>('Account.Me', undefined, caller)
  return failedPage(failure, {
    title: `Join ${tenantName}`,
    content:
      me?.ok === true && me.result !== null
        ? withAccount(visit, me.result.email, failure)
        : withNewAccount(visit, failure),
  })
}

function withAccount(visit: Visit, email: string | null, failure: Failure | undefined): Html {
  return html`<p>You are signed in${email === null ? undefined : html` as <strong>${email}</strong>`}.</p>
    ${form({ action: paths.invitationAccept, fields: [nameField(visit)], button: 'Accept the invitation', failure })}
    <form method="post" action="${paths.signOut}">
      ${hiddenFields({ after: paths.invitation })}<button class="second">Use another account</button>
    </form>`
}

function withNewAccount(visit: Visit, failure: Failure | undefined): Html {
  return html`${form({
      action: paths.invitationAccount,
      fields: [nameField(visit), newPasswordField(visit)],
      button: 'Make an account and accept',
      failure,
    })}
    <p>Have an account? <a href="${paths.signIn}${carrying(paths.invitation)}">Sign in to accept with it</a></p>`
}

function nameField({ form: sent }: Visit): Field {
  return {
    name: 'name',
    label: 'Your name',
    type: 'text',
    autocomplete: 'name',
    hint: 'The others there see it.',
    value: sent.text('name'),
  }
}
