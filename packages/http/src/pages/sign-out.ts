// Signing out. The session ends in the app and in the browser, in this order: whoever copied its tokens has nothing either.
import { html } from '../docs/html.ts'
import type { Page } from './page.ts'
import { paths } from './paths.ts'
import type { Answer, Visit } from './visit.ts'

export function showSignOut({ caller }: Visit): Page {
  if (caller === undefined) return signedOut
  return {
    title: 'Sign out',
    content: html`<p>This browser then forgets who you are.</p>
      <form method="post" action="${paths.signOut}"><button>Sign out</button></form>`,
  }
}

export async function signOut(visit: Visit): Promise<Answer> {
  if (visit.caller !== undefined) {
    const said = await visit.run('Auth.Logout', undefined)
    // A session that has ended already is no caller any more, and ends here too.
    if (!said.ok && said.failure.code !== 'permission_denied') return { ...signedOut, ...notEnded(said.failure.text) }
  }
  visit.signOut()
  return { to: visit.after ?? paths.signOut }
}

const signedOut: Page = {
  title: 'You are signed out',
  content: html`<p><a href="${paths.signIn}">Sign in again</a></p>`,
}

function notEnded(text: string): Partial<Page> {
  return {
    title: 'You are still signed in',
    failed: true,
    status: 422,
    content: html`<p role="alert" tabindex="-1" autofocus>${text}</p>
      <form method="post" action="${paths.signOut}"><button>Sign out</button></form>`,
  }
}
